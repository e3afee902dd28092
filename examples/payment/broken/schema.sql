CREATE TABLE payments (
    id serial PRIMARY KEY,
    order_id text NOT NULL,
    cents int NOT NULL,
    charge_id text NOT NULL
);
