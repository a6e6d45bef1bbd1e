"""S3: a new bucket is closed to the public, as AWS has had it since April 2023."""
from ministack.services import s3 as emulator

emulator._new_bucket_public_access_block = lambda: {
    "_public_access_block": emulator._NEW_BUCKET_PUBLIC_ACCESS_BLOCK}
