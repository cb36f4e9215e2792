def has_v3() -> bool:
    """Whether this processor and operating system run x86-64-v3: AVX2, FMA, BMI."""
