from marshmallow import Schema, fields
from marshmallow.validate import Range

ONE_TO_FIFTY = Range(min=1, max=50)


class OrderSchema(Schema):
    sku = fields.String(required=True)
    quantity = fields.Integer(required=True, validate=ONE_TO_FIFTY)
