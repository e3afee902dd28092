import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(connect_timeout=2, read_timeout=5))


def fetch(key: str) -> bytes:
    return s3.get_object(Bucket="blobs", Key=key)["Body"].read()
