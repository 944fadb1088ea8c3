"""Worker processes: the coordinator's engine, the zygote, and the workers forked from it."""
