#pragma once
// The batches of a file for SQL Server: what lies between lines that hold the word GO and nothing
// else but white space, comments and a count. GO is no SQL; sqlcmd and Management Studio read it
// so, and send what is between as one text. Transact-SQL needs no semicolons, so no other unit is
// safe.
//
// "GO 5" runs the batch before it five times. As with sqlcmd a line is no separator where the count
// is not a number from 1 to 2147483647, or a semicolon follows: it goes to the server with the
// rest, whose syntax error then has its place.
//
// Rules: Transact-SQL reference "SQL Server utilities statements - GO".

#include "migrator/script/splitter.h"

// sql_splitter_next() for SQL Server. Batches without anything to run are left out.
bool sqlserver_batch_next(struct sql_splitter *splitter, struct sql_statement *out);
