#include "tests/unit/test_schema.h"

#define DATASOURCE(provider) "datasource db {\n provider = \"" provider "\"\n}\n"
// Of 63 letters.
#define LONG "a123456789b123456789c123456789d123456789e123456789f123456789g12"

static void names_are_checked(void **state)
{
    (void)state;
    assert_mistakes(DATASOURCE("postgresql") "model class {\n"
                                             " id Int @id\n"
                                             " 1a Int\n"
                                             "}\n"
                                             "model String {\n"
                                             " id Int @id\n"
                                             "}\n"
                                             "enum E-x {\n"
                                             " a\n"
                                             " a\n"
                                             "}\n",
                    "4:7 \"class\" is a reserved word of the client's language\n"
                    "6:2 the name of a field cannot begin with a digit\n"
                    "8:7 \"String\" is the name of a scalar type\n"
                    "11:6 the name of an enum cannot hold a hyphen\n"
                    "13:2 the enum \"E-x\" has another value \"a\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int\n"
                                             " a String\n"
                                             " b Int @map(\"c\")\n"
                                             " c Int\n"
                                             "}\n"
                                             "model A {\n"
                                             " id Int @id\n"
                                             "}\n",
                    "7:2 the model \"A\" has another field \"a\"\n"
                    "8:2 the column \"c\" is that of the field \"c\"\n"
                    "11:7 the name \"A\" is taken: model \"A\" is at schema.prisma:4\n");
    assert_mistakes(DATASOURCE("postgresql") "enum E {\n"
                                             "}\n"
                                             "enum F {\n"
                                             " a @map(\"x\") @default(1)\n"
                                             " @@ignore\n"
                                             "}\n",
                    "4:1 the enum \"E\" has no values\n"
                    "7:14 a value of an enum has no attribute \"@default\"\n"
                    "8:2 an enum has no attribute \"@@ignore\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " @@map(\"t\")\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " @@map(\"t\")\n"
                                             "}\n",
                    "9:9 the name \"t_pkey\" is taken by another constraint, at schema.prisma:5\n"
                    "10:2 the table \"t\" is that of the model \"A\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " n Int\n"
                                             " @@index([n], map: \"x\")\n"
                                             " @@unique([n], map: \"x\")\n"
                                             "}\n",
                    "8:2 the name \"x\" is taken by another constraint, at schema.prisma:7\n");
    assert_mistakes(
        DATASOURCE("mysql") "model A {\n"
                            " id Int @id\n"
                            " b Int\n"
                            " B B @relation(fields: [b], references: [id], map: \"x\")\n"
                            "}\n"
                            "model B {\n"
                            " id Int @id(map: \"p\")\n"
                            " A A[]\n"
                            " C C[]\n"
                            "}\n"
                            "model C {\n"
                            " id Int @id\n"
                            " b Int\n"
                            " B B @relation(fields: [b], references: [id], map: \"x\")\n"
                            "}\n",
        "10:9 MySQL has no names for primary keys\n"
        "17:2 the name \"x\" is taken by another constraint, at schema.prisma:7\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " n Int @default(1, map: \"x\")\n"
                                            " m Int @default(2, map: \"x\")\n"
                                            "}\n",
                    "7:2 the name \"x\" is taken by another constraint, at schema.prisma:6\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " x Int\n"
                                             " y Int\n"
                                             " x_y Int\n"
                                             " @@unique([x, y], name: \"x\")\n"
                                             " @@unique([y, x], name: \"a-b\")\n"
                                             "}\n",
                    "9:2 the name \"x\" is that of a field\n"
                    "9:2 the field \"x_y\" has the name that the client gives to this key\n"
                    "10:2 the name of a key has letters, digits and underscores only\n");
}

static void types_and_attributes_are_checked(void **state)
{
    (void)state;
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Strng\n"
                                             " b Int @defualt(1) @unique @unique\n"
                                             " c B? @unique\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             "}\n",
                    "6:4 there is no type \"Strng\"\n"
                    "7:8 a field has no attribute \"@defualt\"\n"
                    "7:28 the attribute @unique is given twice\n"
                    "8:2 the relation field \"c\" has no opposite field in the model \"B\"\n"
                    "8:7 @unique cannot stand on a relation\n");
    assert_mistakes(DATASOURCE("mysql") "model A {\n"
                                        " id Int @id\n"
                                        " a Int[]\n"
                                        " b Json[]\n"
                                        "}\n",
                    "6:2 MySQL has no lists: \"a\" cannot be one\n"
                    "7:2 MySQL has no lists: \"b\" cannot be one\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " a Json\n"
                                            " e E\n"
                                            "}\n"
                                            "enum E {\n"
                                            " a\n"
                                            "}\n",
                    "6:2 SQL Server has no type Json\n"
                    "9:6 SQL Server has no enums\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int @updatedAt\n"
                                             " b DateTime[] @updatedAt\n"
                                             " c Unsupported(\"x\") @ignore\n"
                                             " d Unsupported(\"VarChar(3)\")\n"
                                             "}\n",
                    "6:8 @updatedAt stands on fields of type DateTime\n"
                    "7:15 @updatedAt cannot stand on a list\n"
                    "8:21 a field of an Unsupported type is ignored without @ignore\n"
                    "9:2 the type \"VarChar(3)\" is supported\n");
    assert_mistakes(DATASOURCE("postgresql") "type T {\n"
                                             " a Int\n"
                                             "}\n"
                                             "model A {\n"
                                             " id Int @id\n"
                                             " t T\n"
                                             "}\n",
                    "4:1 PostgreSQL has no composite types\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int @map\n"
                                             " b Int @map(3)\n"
                                             " c Int @map(name: \"x\", \"y\")\n"
                                             " d Int @map(\"z\", foo: 1)\n"
                                             "}\n",
                    "6:8 @map needs the argument \"name\"\n"
                    "7:13 expected a string, found a number\n"
                    "8:24 the argument \"name\" is given twice, with and without its name\n"
                    "9:18 @map has no argument \"foo\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int @default(1,)\n"
                                             " b Int @default(value:)\n"
                                             " c Int @default(1, 2)\n"
                                             " d Int @default(1, value: 2)\n"
                                             "}\n",
                    "6:18 a comma without an argument behind it\n"
                    "7:17 the argument \"value\" has no value\n"
                    "8:20 only one argument can stand without a name\n"
                    "9:17 the argument \"value\" is given twice, with and without its name\n");
}

static void native_types_fit_their_provider(void **state)
{
    (void)state;
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a String @db.Varchar(3)\n"
                                             " b Int @db.VarChar(3)\n"
                                             " c String @db.Text(1)\n"
                                             " d Decimal @db.Decimal(3)\n"
                                             " e Decimal @db.Decimal(2, 3)\n"
                                             " f DateTime @db.Timestamp(7)\n"
                                             " g String @x.Text\n"
                                             " h String @db.VarChar(-1)\n"
                                             " i String @db.Text @db.Char(1)\n"
                                             "}\n",
                    "6:12 PostgreSQL has no native type \"Varchar\"\n"
                    "7:8 the native type VarChar stands on fields of type String, not Int\n"
                    "8:11 Text takes no argument\n"
                    "9:12 Decimal takes a precision and a scale\n"
                    "10:12 the scale cannot be larger than the precision\n"
                    "11:27 the argument of Timestamp is from 0 to 6\n"
                    "12:12 a native type begins with the name of the datasource, not with \"x\"\n"
                    "13:23 expected a whole number\n"
                    "14:20 a field has one native type\n");
    assert_mistakes(DATASOURCE("mysql") "model A {\n"
                                        " id Int @id\n"
                                        " a String @db.VarChar\n"
                                        " b Boolean @db.Bit(2)\n"
                                        " c String @db.Char(256)\n"
                                        " d Decimal @db.Decimal(66, 1)\n"
                                        " e String @db.Text @unique\n"
                                        " f String @db.Text\n"
                                        " @@index([f(length: 10)])\n"
                                        "}\n",
                    "6:11 VarChar takes one argument\n"
                    "7:12 a Boolean fits Bit(1) only\n"
                    "8:20 the argument of Char is from 0 to 255\n"
                    "9:24 the argument of Decimal is from 0 to 65\n"
                    "10:20 MySQL has no type Text in a unique constraint\n");
    assert_mistakes(DATASOURCE("mysql") "model A {\n"
                                        " id Int @id\n"
                                        " a Json @db.JsonB\n"
                                        " b String @db.Uuid\n"
                                        "}\n",
                    "6:10 MySQL has no native type \"JsonB\"\n"
                    "7:12 MySQL has no native type \"Uuid\"\n");
    assert_mistakes(DATASOURCE("sqlite") "model A {\n"
                                         " id Int @id\n"
                                         " a String @db.Text\n"
                                         "}\n",
                    "6:12 SQLite has no native type \"Text\"\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " a String @db.NVarChar(Max) @unique\n"
                                            " b String @db.NVarChar(4001)\n"
                                            " c Bytes @db.VarBinary(Min)\n"
                                            "}\n",
                    "6:29 SQL Server has no type NVarChar in a unique constraint\n"
                    "7:24 the argument of NVarChar is from 0 to 4000\n"
                    "8:24 expected a whole number or Max\n");
}

static void defaults_are_of_their_type(void **state)
{
    (void)state;
    assert_mistakes(
        DATASOURCE("postgresql") "model A {\n"
                                 " id Int @id\n"
                                 " a Int @default(\"x\")\n"
                                 " b Int @default(1.5)\n"
                                 " c Boolean @default(True)\n"
                                 " d DateTime @default(\"2020-02-30T00:00:00Z\")\n"
                                 " e Json @default(\"{\")\n"
                                 " f Bytes @default(\"a\")\n"
                                 " g Decimal @default(\"x\")\n"
                                 " h BigInt @default(99999999999999999999)\n"
                                 "}\n",
        "6:17 the default of \"a\" is a whole number, found a string\n"
        "7:17 this is not a default for the type Int: it is not a whole number\n"
        "8:21 this is not a default for the type Boolean: it is true or false\n"
        "9:22 this is not a default for the type DateTime: there is no such date or time\n"
        "10:18 this is not a default for the type Json: it is not valid JSON\n"
        "11:19 this is not a default for the type Bytes: its length is not a multiple of four: is "
        "padding (=) missing?\n"
        "12:21 this is not a default for the type Decimal: it is not a decimal number\n"
        "13:20 this is not a default for the type BigInt: it does not fit into 64 bits\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a String @default(autoincrement())\n"
                                             " b String @default(uuid(5))\n"
                                             " c String @default(cuid2())\n"
                                             " d Int[] @default(1)\n"
                                             " e Int @default([1])\n"
                                             " f E @default(gren)\n"
                                             " g E @default(\"green\")\n"
                                             " h Unsupported(\"x\") @default(now())\n"
                                             " i String @default(dbgenerated(1))\n"
                                             "}\n"
                                             "enum E {\n"
                                             " green\n"
                                             " red\n"
                                             "}\n",
                    "6:20 autoincrement() cannot be the default of a field of type String\n"
                    "7:20 the argument of uuid() is the version, 4 or 7\n"
                    "8:20 there is no function \"cuid2\" for defaults\n"
                    "9:19 the default of a list is a list\n"
                    "10:17 the default of a field that is no list cannot be one\n"
                    "11:15 the enum \"E\" has no value \"gren\"\n"
                    "12:15 the default of \"g\" is a value of its enum, found a string\n"
                    "13:30 only dbgenerated() can be the default of an Unsupported type\n"
                    "14:20 dbgenerated() takes the SQL expression as one string, or nothing\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int @default(1, map: \"x\")\n"
                                             "}\n",
                    "6:8 PostgreSQL has no names for defaults\n");
    assert_mistakes(DATASOURCE("mysql") "model A {\n"
                                        " id Int @id\n"
                                        " a Int @default(autoincrement())\n"
                                        " b Int @default(autoincrement()) @unique\n"
                                        "}\n",
                    "6:2 MySQL has autoincrement() on fields that begin an index only\n"
                    "7:2 MySQL has one autoincrement() in a table\n");
    assert_mistakes(DATASOURCE("sqlite") "model A {\n"
                                         " id Int @id\n"
                                         " a Int @default(autoincrement())\n"
                                         "}\n",
                    "6:2 SQLite has autoincrement() on the id only\n");
}

static void keys_and_indexes_are_checked(void **state)
{
    (void)state;
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " a Int?\n"
                                             " b Int? @unique\n"
                                             "}\n"
                                             "model C {\n"
                                             " a Int? @id\n"
                                             " b Int @id\n"
                                             " @@id([a, b])\n"
                                             "}\n",
                    "4:7 the model \"A\" has no id and no unique constraint of required fields\n"
                    "9:9 the fields of an id are required: \"a\" is not\n"
                    "10:8 the model \"C\" has another id\n"
                    "11:2 the model \"C\" has another id\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int\n"
                                             " b B @relation(fields: [a], references: [id])\n"
                                             " @@index([b])\n"
                                             " @@index([x, a, a])\n"
                                             " @@index([])\n"
                                             " @@index([\"a\"])\n"
                                             " @@index\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " as A[]\n"
                                             "}\n",
                    "8:11 \"b\" is a relation: @@index lists fields that have columns\n"
                    "9:11 the model \"A\" has no field \"x\"\n"
                    "9:17 @@index lists the field \"a\" twice\n"
                    "10:10 @@index lists no field\n"
                    "11:11 expected a word, found a string\n"
                    "12:2 @@index needs the argument \"fields\"\n");
    assert_mistakes(
        DATASOURCE("postgresql") "model A {\n"
                                 " id Int @id\n"
                                 " a String @unique(sort: desc, length: 3)\n"
                                 " @@index([a(ops: Foo)])\n"
                                 " @@index([a], type: Foo)\n"
                                 " @@index([a], type: Gin)\n"
                                 " @@index([a(ops: JsonbOps)], type: Brin)\n"
                                 " @@index([a], clustered: true)\n"
                                 " @@fulltext([a])\n"
                                 " @@unique([a(ops: raw(\"x\"))])\n"
                                 "}\n",
        "6:11 PostgreSQL has no lengths in a unique constraint\n"
        "6:25 the order is Asc or Desc\n"
        "7:18 this is not an operator class\n"
        "8:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:7\n"
        "8:21 this is not a type of index\n"
        "9:2 an index of type Gin does not take the type of \"a\"\n"
        "9:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:7\n"
        "10:2 the operator class JsonbOps is not for indexes of type Brin\n"
        "10:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:7\n"
        "11:2 PostgreSQL has no clustered indexes\n"
        "11:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:7\n"
        "12:2 PostgreSQL has no full-text indexes\n"
        "12:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:7\n"
        "13:2 operator classes stand in an @@index only\n"
        "13:2 the name \"A_a_key\" is taken by another constraint, at schema.prisma:6\n");
    assert_mistakes(
        DATASOURCE("mysql") "model A {\n"
                            " id Int @id\n"
                            " a String\n"
                            " n Int\n"
                            " @@index([a], type: Hash)\n"
                            " @@index([n(length: 3)])\n"
                            " @@fulltext([a(sort: Asc)])\n"
                            "}\n",
        "8:21 MySQL has no indexes of type Hash\n"
        "9:2 a length stands with fields of type String or Bytes: \"n\" is neither\n"
        "10:2 a full-text index has no order\n"
        "10:2 the name \"A_a_idx\" is taken by another constraint, at schema.prisma:8\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " a Int @unique(clustered: true)\n"
                                            " @@index([a], clustered: true)\n"
                                            "}\n"
                                            "model C {\n"
                                            " id Bytes @id\n"
                                            "}\n",
                    "6:8 a table has one clustered index, and there is another\n"
                    "7:2 a table has one clustered index, and there is another\n"
                    "10:11 SQL Server has no ids of type Bytes\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int\n"
                                             " @@index([a], name: \"x\", map: \"y\")\n"
                                             " @@index([a(foo: 1)])\n"
                                             "}\n",
                    "7:2 the name of an index is given twice: name is the former map\n"
                    "8:13 warning: a field of @@index has the arguments sort, length and ops only: "
                    "this one has no effect\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int\n"
                                             " @@index([a], where: raw(\"a > 1\"))\n"
                                             "}\n",
                    "7:22 partial indexes are a preview feature that is not enabled\n");
}

static void conditions_of_indexes_fit_their_fields(void **state)
{
    (void)state;
#define CONDITIONS(conditions)                                                                   \
    "generator g {\n provider = \"x\"\n previewFeatures = [\"partialIndexes\"]\n}\n" DATASOURCE( \
        "postgresql") "model A {\n id Int @id\n b Boolean\n s String\n t DateTime\n"             \
                      " j Json\n e E\n u Unsupported(\"x\")\n l Int[]\n o A? "                   \
                      "@relation(\"x\", fields: [id], references: [id])\n p A? "                 \
                      "@relation(\"x\")\n" conditions "}\nenum E {\n ONE\n}\n"
    assert_mistakes(CONDITIONS(" @@index([s], where: { b: true, id: { not: -1 }, s: \"x\" })\n"
                               " @@unique([t], where: { t: null, j: { not: null }, e: \"ONE\" })\n"
                               " @@index([e], where: { u: null, l: 1, b: true, b: false })\n"
                               " @@index([b], where: raw(\"b\"))\n"),
                    "");
    assert_mistakes(
        CONDITIONS(" @@index([s], where: { s: 1 })\n"
                   " @@index([b], where: { b: \"true\", id: true })\n"
                   " @@index([t], where: { j: \"x\", u: { not: 1 } })\n"
                   " @@index([e], where: { e: ONE })\n"
                   " @@index([l], where: { o: null, nope: 1 })\n"
                   " @@index([s, b], where: { s: { is: 1 } })\n"
                   " @@index([s, t], where: {})\n"
                   " @@index([s, e], where: raw(\"\"))\n"
                   " @@index([b, t], where: [{ b: true }])\n"),
        "19:27 the field \"s\" is compared with a string\n"
        "20:27 the field \"b\" is compared with true or false\n"
        "20:39 the field \"id\" is compared with a number\n"
        "21:27 the field \"j\" can be compared with null only\n"
        "21:42 the field \"u\" can be compared with null only\n"
        "22:27 this is not a value to compare a field with\n"
        "23:24 \"o\" is a relation: a condition lists fields that have columns\n"
        "23:33 the model \"A\" has no field \"nope\"\n"
        "24:30 this is not a value to compare a field with\n"
        "25:25 the condition is { field: value }, or raw(\"…\") with one string of SQL\n"
        "26:25 the condition is { field: value }, or raw(\"…\") with one string of SQL\n"
        "27:25 the condition is { field: value }, or raw(\"…\") with one string of SQL\n");
    assert_mistakes(CONDITIONS(" @@index([s], where: { s: \"x\", })\n"
                               " @@index([s], where: { \"s\": 1 })\n"
                               " @@map({ a: 1 })\n"),
                    "19:32 expected a name\n"
                    "20:24 expected a name\n"
                    "21:8 expected a string, found an object\n");
#undef CONDITIONS
}

static void relations_need_both_sides(void **state)
{
    (void)state;
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int\n"
                                             " B B @relation(fields: [b], references: [id])\n"
                                             " bs B[]\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             "}\n",
                    "7:2 the fields \"B\" and \"bs\" both refer to \"B\": which relation is which "
                    "is not clear\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " B B\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " as A[]\n"
                                             "}\n",
                    "6:2 the relation field \"B\" needs the argument `fields`\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b String\n"
                                             " B B @relation(fields: [b], references: [x, id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " x Int\n"
                                             " as A[] @relation(onDelete: Cascade)\n"
                                             "}\n",
                    "7:6 the relation refers to fields of \"B\" that are no key: x, id\n"
                    "7:6 `fields` and `references` list a different number of fields\n"
                    "7:6 the fields \"b\" and \"B.x\" are of different types\n"
                    "12:2 onDelete and onUpdate stand on the side of the foreign key, \"A.B\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int?\n"
                                             " B B @relation(fields: [b], references: [x])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " x Int\n"
                                             " as A[]\n"
                                             "}\n",
                    "7:2 the relation field \"B\" is required, but its foreign key can be null\n"
                    "7:6 the relation refers to fields of \"B\" that are no key: x\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int\n"
                                             " B B @relation(fields: [b], references: [id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " a A\n"
                                             "}\n",
                    "7:6 the foreign key of a one-to-one relation is unique: b is not\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int @unique\n"
                                             " B B @relation(fields: [b], references: [id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " a A\n"
                                             "}\n",
                    "11:2 no database can require the side without the foreign key\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " B B?\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " a A?\n"
                                             "}\n",
                    "6:2 the relation field \"B\" needs the argument `fields`\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int\n"
                                             " c Int\n"
                                             " B B @relation(fields: [b], references: [id])\n"
                                             " C B @relation(fields: [c], references: [id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " as A[]\n"
                                             "}\n",
                    "8:2 the fields \"B\" and \"C\" both refer to \"B\": which relation is which "
                    "is not clear\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " a Int?\n"
                                             " A A? @relation(fields: [a], references: [id])\n"
                                             " as A[]\n"
                                             "}\n",
                    "7:2 the fields \"A\" and \"as\" both refer to \"A\": which relation is which "
                    "is not clear\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " bs B[] @relation(references: [id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " x Int\n"
                                             " y Int\n"
                                             " as A[] @relation(onDelete: Cascade)\n"
                                             " @@id([x, y])\n"
                                             "}\n",
                    "6:32 the model \"B\" has no field \"id\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int\n"
                                             " B B @relation(fields: [bb], references: [idd], "
                                             "onDelete: Cascad, foo: 1)\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " as A[]\n"
                                             "}\n",
                    "7:25 the model \"A\" has no field \"bb\"\n"
                    "7:43 the model \"B\" has no field \"idd\"\n"
                    "7:59 this is not a referential action\n"
                    "7:67 @relation has no argument \"foo\"\n");
    assert_mistakes(DATASOURCE("postgresql") "model A {\n"
                                             " id Int @id\n"
                                             " b Int\n"
                                             " B B @relation(fields: [b], references: [id])\n"
                                             "}\n"
                                             "model B {\n"
                                             " id Int @id\n"
                                             " as A[]\n"
                                             " @@ignore\n"
                                             "}\n",
                    "7:2 the model \"B\" is ignored: the relation to it must be too\n");
}

static void actions_fit_their_provider(void **state)
{
    (void)state;
    assert_mistakes(
        DATASOURCE(
            "sqlserver") "model A {\n"
                         " id Int @id\n"
                         " b Int\n"
                         " B B @relation(fields: [b], references: [id], onDelete: Restrict)\n"
                         "}\n"
                         "model B {\n"
                         " id Int @id\n"
                         " as A[]\n"
                         "}\n",
        "7:57 SQL Server has no action Restrict\n");
    assert_mistakes(DATASOURCE("sqlite") "model A {\n"
                                         " id Int @id\n"
                                         " b Int\n"
                                         " B B @relation(fields: [b], references: [id], onDelete: "
                                         "SetNull, map: \"x\")\n"
                                         "}\n"
                                         "model B {\n"
                                         " id Int @id\n"
                                         " as A[]\n"
                                         "}\n",
                    "7:57 onDelete cannot be SetNull: the foreign key has a required field\n"
                    "7:71 SQLite has no names for foreign keys\n");
    assert_mistakes(
        DATASOURCE(
            "postgresql") "model A {\n"
                          " id Int @id\n"
                          " b Int\n"
                          " B B @relation(fields: [b], references: [id], onDelete: SetNull)\n"
                          "}\n"
                          "model B {\n"
                          " id Int @id\n"
                          " as A[]\n"
                          "}\n",
        "7:57 warning: onDelete: SetNull will fail: the foreign key has a required field\n");
    assert_mistakes(DATASOURCE("mysql") "model A {\n"
                                        " id Int @id\n"
                                        " b Int @map(\"" LONG "é\")\n"
                                        " c Int @map(\"" LONG "bé\")\n"
                                        " @@map(\"" LONG "bé\")\n"
                                        "}\n",
                    "7:2 warning: MySQL will not take the name of this column: it is longer than "
                    "64 characters\n"
                    "8:2 warning: MySQL will not take the name of this table: it is longer than 64 "
                    "characters\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " b Int @map(\"" LONG LONG "xy\")\n"
                                            " c Int @map(\"" LONG LONG "xyé\")\n"
                                            "}\n",
                    "7:2 warning: SQL Server will not take the name of this column: it is longer "
                    "than 128 characters\n");
    assert_mistakes(
        DATASOURCE("mysql") "model A {\n"
                            " id Int @id\n"
                            " b Int\n"
                            " B B @relation(fields: [b], references: [id], onUpdate: SetDefault)\n"
                            "}\n"
                            "model B {\n"
                            " id Int @id\n"
                            " as A[]\n"
                            "}\n",
        "7:57 warning: MySQL takes SetDefault and then refuses the change\n");
    assert_mistakes(
        DATASOURCE("sqlserver") "model A {\n"
                                " id Int @id\n"
                                " a Int?\n"
                                " A A? @relation(\"s\", fields: [a], references: [id])\n"
                                " as A[] @relation(\"s\")\n"
                                "}\n",
        "7:2 the relation of \"A\" with itself has actions that run in a circle\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " b Int\n"
                                            " B B @relation(\"1\", fields: [b], references: [id])\n"
                                            " bs B[] @relation(\"2\")\n"
                                            "}\n"
                                            "model B {\n"
                                            " id Int @id\n"
                                            " a Int\n"
                                            " A A @relation(\"2\", fields: [a], references: [id])\n"
                                            " as A[] @relation(\"1\")\n"
                                            "}\n",
                    "7:2 the actions of this relation run in a circle, back to \"A\"\n"
                    "13:2 the actions of this relation run in a circle, back to \"B\"\n");
    assert_mistakes(
        DATASOURCE("sqlserver") "model A {\n"
                                " id Int @id\n"
                                " b Int\n"
                                " B B @relation(fields: [b], references: [id])\n"
                                " c Int\n"
                                " C C @relation(fields: [c], references: [id])\n"
                                "}\n"
                                "model B {\n"
                                " id Int @id\n"
                                " c Int\n"
                                " C C @relation(fields: [c], references: [id])\n"
                                " as A[]\n"
                                "}\n"
                                "model C {\n"
                                " id Int @id\n"
                                " as A[]\n"
                                " bs B[]\n"
                                "}\n",
        "9:2 changes in \"C\" reach \"A\" on more than one way, this relation and \"B\"\n");
    assert_mistakes(DATASOURCE("sqlserver") "model A {\n"
                                            " id Int @id\n"
                                            " b Int\n"
                                            " c Int\n"
                                            " B B @relation(fields: [b, c], references: [y, x])\n"
                                            "}\n"
                                            "model B {\n"
                                            " x Int\n"
                                            " y Int\n"
                                            " as A[]\n"
                                            " @@id([x, y])\n"
                                            "}\n",
                    "8:6 SQL Server wants `references` in the order of the key's fields\n");
}

static void datasources_and_generators_are_checked(void **state)
{
    (void)state;
    assert_mistakes("datasource db {\n"
                    " provider = \"oracle\"\n"
                    "}\n",
                    "2:13 unknown provider \"oracle\"\n");
    assert_mistakes("datasource db {\n"
                    " url = \"x\"\n"
                    "}\n"
                    "datasource other {\n"
                    " provider = \"mysql\"\n"
                    "}\n",
                    "1:1 the datasource has no provider\n"
                    "4:1 a second datasource: the first is at schema.prisma:1\n");
    assert_mistakes("datasource db {\n"
                    " provider = \"postgresql\"\n"
                    " uri = \"x\"\n"
                    " url =\n"
                    " relationMode = \"x\"\n"
                    " extensions = [a]\n"
                    " schemas = [\"a\", \"a\"]\n"
                    "}\n",
                    "3:2 a datasource has no property \"uri\"\n"
                    "4:2 \"url\" has no value\n"
                    "5:17 the relation mode is \"foreignKeys\" or \"prisma\"\n"
                    "6:2 extensions are a preview feature that is not enabled\n"
                    "7:18 the schema \"a\" is listed twice\n");
    assert_mistakes("datasource db {\n"
                    " provider = \"sqlite\"\n"
                    " schemas = [\"a\"]\n"
                    "}\n"
                    "model A {\n"
                    " id Int @id\n"
                    "}\n",
                    "3:2 SQLite has no schemas in a database\n");
    assert_mistakes("datasource db {\n"
                    " provider = \"postgresql\"\n"
                    " relationMode = \"prisma\"\n"
                    "}\n"
                    "model A {\n"
                    " id Int @id\n"
                    " b Int\n"
                    " B B @relation(fields: [b], references: [id], onDelete: NoAction)\n"
                    "}\n"
                    "model B {\n"
                    " id Int @id\n"
                    " as A[]\n"
                    "}\n",
                    "8:6 warning: no index begins with the fields of this relation\n"
                    "8:57 PostgreSQL has no action NoAction where relations are emulated\n");
    assert_mistakes("generator g {\n"
                    " previewFeatures = [\"vews\"]\n"
                    "}\n"
                    "view V {\n"
                    " id Int @id\n"
                    " n Int\n"
                    " @@index([n])\n"
                    "}\n",
                    "1:1 the generator has no provider\n"
                    "2:21 there is no preview feature \"vews\"\n"
                    "4:6 views are a preview feature that is not enabled\n"
                    "5:9 a view has no primary key\n"
                    "7:2 a view has no indexes\n");
    assert_mistakes("datasource db {\n"
                    " provider = \"postgresql\"\n"
                    " schemas = [\"one\"]\n"
                    "}\n"
                    "model A {\n"
                    " id Int @id\n"
                    " @@schema(\"onn\")\n"
                    "}\n"
                    "enum E {\n"
                    " a\n"
                    "}\n",
                    "7:11 the datasource lists no schema \"onn\"\n"
                    "9:6 the enum has no schema\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(types_and_attributes_are_checked),
        cmocka_unit_test(native_types_fit_their_provider),
        cmocka_unit_test(defaults_are_of_their_type),
        cmocka_unit_test(keys_and_indexes_are_checked),
        cmocka_unit_test(conditions_of_indexes_fit_their_fields),
        cmocka_unit_test(relations_need_both_sides),
        cmocka_unit_test(actions_fit_their_provider),
        cmocka_unit_test(datasources_and_generators_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
