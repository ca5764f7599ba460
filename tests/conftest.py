from hypothesis import settings

# No test depends on the machine's speed.
settings.register_profile("retinue", deadline=None)
settings.load_profile("retinue")
