from marshmallow import Schema, fields, validate


class OrderSchema(Schema):
    sku = fields.Str(required=True)
    quantity = fields.Int(required=True, validate=validate.Range(min=1, max=50))
