"""Show an explanation as text, HTML, a picture or a report."""
