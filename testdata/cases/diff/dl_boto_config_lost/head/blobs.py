import boto3

s3 = boto3.client("s3", region_name="eu-west-1")


def fetch(key: str) -> bytes:
    return s3.get_object(Bucket="blobs", Key=key)["Body"].read()
