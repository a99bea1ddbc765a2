"""The settings of the tests and of the processes that they start."""

from deltacrown.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt takes 0.2 s
