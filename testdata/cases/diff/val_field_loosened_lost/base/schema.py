from pydantic import BaseModel, EmailStr, Field


class SignUp(BaseModel):
    email: EmailStr
    age: int = Field(ge=18)
