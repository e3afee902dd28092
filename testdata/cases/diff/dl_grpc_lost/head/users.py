import grpc

from protos import users_pb2, users_pb2_grpc


def lookup(channel: grpc.Channel, user_id: str):
    stub = users_pb2_grpc.UsersStub(channel)
    return stub.GetUser(users_pb2.GetUserRequest(id=user_id))
