import grpc

from protos import users_pb2, users_pb2_grpc

DEADLINE_S = 2.0


def lookup(channel: grpc.Channel, user_id: str):
    request = users_pb2.GetUserRequest(id=user_id)
    return users_pb2_grpc.UsersStub(channel).GetUser(request, timeout=DEADLINE_S)
