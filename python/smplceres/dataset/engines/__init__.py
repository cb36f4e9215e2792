"""What runs units: processes on this machine, Dask, Ray, or any executor."""
