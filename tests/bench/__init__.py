"""How fast is Efoy beside the least that could do the same? Workloads of `./run bench`."""
