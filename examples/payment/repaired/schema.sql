CREATE TABLE payments (
    id serial PRIMARY KEY,
    order_id text NOT NULL UNIQUE,
    cents int NOT NULL,
    charge_id text NOT NULL
);
