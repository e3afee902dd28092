from marshmallow import Schema, fields, validate


class OrderSchema(Schema):
    sku = fields.Str(required=True)
    quantity = fields.Int(required=True)
