"""Create and read outputs of cells."""


def printed(outputs):
    return "".join(item["text"] for item in outputs.collect() if item["output_type"] == "stream")


def display(text, display_id=None):
    item = {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
    return item | ({"display_id": display_id} if display_id else {})


def texts(outputs):
    return [
        item["text"] if item["output_type"] == "stream" else item["data"]["text/plain"]
        for item in outputs.collect()
    ]
