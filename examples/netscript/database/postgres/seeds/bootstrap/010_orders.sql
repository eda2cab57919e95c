INSERT INTO "Order" ("id", "customer", "cents") VALUES
    ('order-1', 'acme', 1250),
    ('order-2', 'globex', 9900);
