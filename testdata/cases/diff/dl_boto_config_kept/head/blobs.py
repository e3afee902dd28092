import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=2, read_timeout=5)
s3 = boto3.session.Session().client("s3", config=CONFIG)


def fetch(key: str) -> bytes:
    return s3.get_object(Bucket="blobs", Key=key)["Body"].read()
