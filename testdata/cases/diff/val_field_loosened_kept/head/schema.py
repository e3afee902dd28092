from typing import Annotated

from pydantic import BaseModel, EmailStr, Field

Adult = Annotated[int, Field(ge=18)]


class SignUp(BaseModel):
    email: EmailStr
    age: Adult
