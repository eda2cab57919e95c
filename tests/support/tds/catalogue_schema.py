"""The catalogue's tables and views in a database's SQLite file. sys.x is sys_x there, with the columns of the real views
that tools ask for."""

TYPES = [  # name, system_type_id, user_type_id, max_length, precision, scale
    ("image", 34, 34, 16, 0, 0), ("text", 35, 35, 16, 0, 0), ("uniqueidentifier", 36, 36, 16, 0, 0),
    ("date", 40, 40, 3, 10, 0), ("time", 41, 41, 5, 16, 7), ("datetime2", 42, 42, 8, 27, 7),
    ("datetimeoffset", 43, 43, 10, 34, 7), ("tinyint", 48, 48, 1, 3, 0), ("smallint", 52, 52, 2, 5, 0),
    ("int", 56, 56, 4, 10, 0), ("smalldatetime", 58, 58, 4, 16, 0), ("real", 59, 59, 4, 24, 0),
    ("money", 60, 60, 8, 19, 4), ("datetime", 61, 61, 8, 23, 3), ("float", 62, 62, 8, 53, 0),
    ("sql_variant", 98, 98, 8016, 0, 0), ("ntext", 99, 99, 16, 0, 0), ("bit", 104, 104, 1, 1, 0),
    ("decimal", 106, 106, 17, 38, 38), ("numeric", 108, 108, 17, 38, 38), ("smallmoney", 122, 122, 4, 10, 4),
    ("bigint", 127, 127, 8, 19, 0), ("hierarchyid", 240, 128, 892, 0, 0), ("geometry", 240, 129, -1, 0, 0),
    ("geography", 240, 130, -1, 0, 0), ("varbinary", 165, 165, 8000, 0, 0), ("varchar", 167, 167, 8000, 0, 0),
    ("binary", 173, 173, 8000, 0, 0), ("char", 175, 175, 8000, 0, 0), ("timestamp", 189, 189, 8, 0, 0),
    ("nvarchar", 231, 231, 8000, 0, 0), ("sysname", 231, 256, 256, 0, 0), ("nchar", 239, 239, 8000, 0, 0),
    ("xml", 241, 241, -1, 0, 0),
]

SCHEMA = """
CREATE TABLE sys_schemas(name TEXT COLLATE NOCASE UNIQUE, schema_id INTEGER PRIMARY KEY, principal_id INTEGER DEFAULT 1);
INSERT INTO sys_schemas(name, schema_id) VALUES ('dbo', 1), ('guest', 2), ('INFORMATION_SCHEMA', 3), ('sys', 4);

CREATE TABLE sys_all_objects(name TEXT COLLATE NOCASE, object_id INTEGER PRIMARY KEY, principal_id INTEGER,
    schema_id INTEGER, parent_object_id INTEGER DEFAULT 0, type TEXT COLLATE NOCASE, type_desc TEXT COLLATE NOCASE,
    create_date TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    modify_date TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    is_ms_shipped INTEGER DEFAULT 0, is_published INTEGER DEFAULT 0, is_schema_published INTEGER DEFAULT 0);
CREATE UNIQUE INDEX sys_all_objects_name ON sys_all_objects(schema_id, name);
CREATE VIEW sys_objects AS SELECT * FROM sys_all_objects;
CREATE VIEW sys_tables AS SELECT *, 0 AS is_memory_optimized, 0 AS temporal_type, 'NON_TEMPORAL_TABLE' AS temporal_type_desc,
    NULL AS history_table_id, 0 AS is_external, 0 AS is_node, 0 AS is_edge, 0 AS is_filetable
    FROM sys_all_objects WHERE type = 'U';
CREATE VIEW sys_views AS SELECT *, 0 AS with_check_option FROM sys_all_objects WHERE type = 'V';
CREATE VIEW sys_all_views AS SELECT * FROM sys_views;
CREATE VIEW sys_procedures AS SELECT * FROM sys_all_objects WHERE type = 'P';
CREATE VIEW sys_triggers AS SELECT name, object_id, 1 AS parent_class, parent_object_id AS parent_id, type, type_desc,
    is_ms_shipped, 0 AS is_disabled FROM sys_all_objects WHERE type = 'TR';
CREATE TABLE sys_sql_modules(object_id INTEGER PRIMARY KEY, definition TEXT, uses_ansi_nulls INTEGER DEFAULT 1,
    uses_quoted_identifier INTEGER DEFAULT 1, is_schema_bound INTEGER DEFAULT 0);
CREATE VIEW sys_all_sql_modules AS SELECT * FROM sys_sql_modules;

CREATE TABLE sys_types(name TEXT COLLATE NOCASE, system_type_id INTEGER, user_type_id INTEGER PRIMARY KEY,
    schema_id INTEGER DEFAULT 4, principal_id INTEGER, max_length INTEGER, precision INTEGER, scale INTEGER,
    collation_name TEXT, is_nullable INTEGER DEFAULT 1, is_user_defined INTEGER DEFAULT 0,
    is_assembly_type INTEGER DEFAULT 0, default_object_id INTEGER DEFAULT 0, rule_object_id INTEGER DEFAULT 0,
    is_table_type INTEGER DEFAULT 0);
CREATE TABLE sys_columns(object_id INTEGER, name TEXT COLLATE NOCASE, column_id INTEGER, system_type_id INTEGER,
    user_type_id INTEGER, max_length INTEGER, precision INTEGER, scale INTEGER, collation_name TEXT,
    is_nullable INTEGER, is_ansi_padded INTEGER DEFAULT 1, is_rowguidcol INTEGER DEFAULT 0,
    is_identity INTEGER DEFAULT 0, is_computed INTEGER DEFAULT 0, is_filestream INTEGER DEFAULT 0,
    is_replicated INTEGER DEFAULT 0, is_xml_document INTEGER DEFAULT 0, default_object_id INTEGER DEFAULT 0,
    rule_object_id INTEGER DEFAULT 0, is_sparse INTEGER DEFAULT 0, is_column_set INTEGER DEFAULT 0,
    generated_always_type INTEGER DEFAULT 0, is_hidden INTEGER DEFAULT 0, is_masked INTEGER DEFAULT 0,
    PRIMARY KEY (object_id, column_id));
CREATE VIEW sys_all_columns AS SELECT * FROM sys_columns;
CREATE TABLE sys_identity_columns(object_id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, column_id INTEGER,
    seed_value INTEGER, increment_value INTEGER, last_value INTEGER, is_not_for_replication INTEGER DEFAULT 0,
    is_identity INTEGER DEFAULT 1);
CREATE TABLE sys_computed_columns(object_id INTEGER, name TEXT, column_id INTEGER, definition TEXT,
    is_persisted INTEGER);

CREATE TABLE sys_indexes(object_id INTEGER, name TEXT COLLATE NOCASE, index_id INTEGER, type INTEGER,
    type_desc TEXT COLLATE NOCASE, is_unique INTEGER DEFAULT 0, data_space_id INTEGER DEFAULT 1,
    ignore_dup_key INTEGER DEFAULT 0, is_primary_key INTEGER DEFAULT 0, is_unique_constraint INTEGER DEFAULT 0,
    fill_factor INTEGER DEFAULT 0, is_padded INTEGER DEFAULT 0, is_disabled INTEGER DEFAULT 0,
    is_hypothetical INTEGER DEFAULT 0, is_ignored_in_optimization INTEGER DEFAULT 0,
    allow_row_locks INTEGER DEFAULT 1, allow_page_locks INTEGER DEFAULT 1, has_filter INTEGER DEFAULT 0,
    filter_definition TEXT, PRIMARY KEY (object_id, index_id));
CREATE TABLE sys_index_columns(object_id INTEGER, index_id INTEGER, index_column_id INTEGER, column_id INTEGER,
    key_ordinal INTEGER, partition_ordinal INTEGER DEFAULT 0, is_descending_key INTEGER DEFAULT 0,
    is_included_column INTEGER DEFAULT 0, PRIMARY KEY (object_id, index_id, index_column_id));
CREATE TABLE constraint_details(object_id INTEGER PRIMARY KEY, column_id INTEGER, definition TEXT, index_id INTEGER,
    is_system_named INTEGER DEFAULT 0);
CREATE VIEW sys_key_constraints AS SELECT o.*, d.index_id AS unique_index_id, d.is_system_named, 1 AS is_enforced
    FROM sys_all_objects o JOIN constraint_details d ON d.object_id = o.object_id WHERE o.type IN ('PK', 'UQ');
CREATE VIEW sys_default_constraints AS SELECT o.*, d.column_id AS parent_column_id, d.definition, d.is_system_named
    FROM sys_all_objects o JOIN constraint_details d ON d.object_id = o.object_id WHERE o.type = 'D';
CREATE VIEW sys_check_constraints AS SELECT o.*, 0 AS is_disabled, 0 AS is_not_for_replication, 0 AS is_not_trusted,
    d.column_id AS parent_column_id, d.definition, 1 AS uses_database_collation, d.is_system_named
    FROM sys_all_objects o JOIN constraint_details d ON d.object_id = o.object_id WHERE o.type = 'C';
CREATE TABLE foreign_keys(object_id INTEGER PRIMARY KEY, referenced_object_id INTEGER, key_index_id INTEGER,
    delete_referential_action INTEGER, delete_referential_action_desc TEXT COLLATE NOCASE,
    update_referential_action INTEGER, update_referential_action_desc TEXT COLLATE NOCASE);
CREATE VIEW sys_foreign_keys AS SELECT o.*, f.referenced_object_id, f.key_index_id, 0 AS is_disabled,
    0 AS is_not_for_replication, 0 AS is_not_trusted, f.delete_referential_action, f.delete_referential_action_desc,
    f.update_referential_action, f.update_referential_action_desc, d.is_system_named
    FROM sys_all_objects o JOIN foreign_keys f ON f.object_id = o.object_id
    JOIN constraint_details d ON d.object_id = o.object_id;
CREATE TABLE sys_foreign_key_columns(constraint_object_id INTEGER, constraint_column_id INTEGER,
    parent_object_id INTEGER, parent_column_id INTEGER, referenced_object_id INTEGER, referenced_column_id INTEGER,
    PRIMARY KEY (constraint_object_id, constraint_column_id));
CREATE TABLE sequences(object_id INTEGER PRIMARY KEY, start_value INTEGER, increment INTEGER, minimum_value INTEGER,
    maximum_value INTEGER, current_value INTEGER, is_cycling INTEGER DEFAULT 0, is_cached INTEGER DEFAULT 1,
    cache_size INTEGER, system_type_id INTEGER, user_type_id INTEGER);
CREATE VIEW sys_sequences AS SELECT o.*, s.start_value, s.increment, s.minimum_value, s.maximum_value, s.current_value,
    s.is_cycling, s.is_cached, s.cache_size, s.system_type_id, s.user_type_id
    FROM sys_all_objects o JOIN sequences s ON s.object_id = o.object_id;

CREATE TABLE sys_extended_properties(class INTEGER, class_desc TEXT, major_id INTEGER, minor_id INTEGER,
    name TEXT COLLATE NOCASE, value TEXT);
CREATE TABLE sys_synonyms(name TEXT COLLATE NOCASE, object_id INTEGER, schema_id INTEGER, base_object_name TEXT);
CREATE TABLE sys_partitions(object_id INTEGER, index_id INTEGER, rows INTEGER);
CREATE TABLE sys_database_principals(name TEXT COLLATE NOCASE, principal_id INTEGER, type TEXT, type_desc TEXT,
    default_schema_name TEXT);
INSERT INTO sys_database_principals VALUES ('dbo', 1, 'S', 'SQL_USER', 'dbo'), ('guest', 2, 'S', 'SQL_USER', 'guest');

CREATE VIEW information_schema_schemata AS SELECT DB_NAME() AS CATALOG_NAME, name AS SCHEMA_NAME, 'dbo' AS SCHEMA_OWNER
    FROM sys_schemas;
CREATE VIEW information_schema_tables AS SELECT DB_NAME() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME,
    CASE o.type WHEN 'U' THEN 'BASE TABLE' ELSE 'VIEW' END AS TABLE_TYPE
    FROM sys_all_objects o JOIN sys_schemas s ON s.schema_id = o.schema_id WHERE o.type IN ('U', 'V');
CREATE VIEW information_schema_columns AS SELECT DB_NAME() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA,
    o.name AS TABLE_NAME, c.name AS COLUMN_NAME, c.column_id AS ORDINAL_POSITION,
    CASE c.is_nullable WHEN 1 THEN 'YES' ELSE 'NO' END AS IS_NULLABLE, t.name AS DATA_TYPE,
    CASE WHEN c.system_type_id IN (231, 239) AND c.max_length > 0 THEN c.max_length / 2
         WHEN c.system_type_id IN (165, 167, 173, 175, 231, 239) THEN c.max_length END AS CHARACTER_MAXIMUM_LENGTH,
    CASE WHEN c.system_type_id IN (48, 52, 56, 59, 60, 62, 106, 108, 122, 127) THEN c.precision END AS NUMERIC_PRECISION,
    CASE WHEN c.system_type_id IN (48, 52, 56, 60, 106, 108, 122, 127) THEN c.scale END AS NUMERIC_SCALE,
    d.definition AS COLUMN_DEFAULT
    FROM sys_columns c JOIN sys_all_objects o ON o.object_id = c.object_id
    JOIN sys_schemas s ON s.schema_id = o.schema_id JOIN sys_types t ON t.user_type_id = c.user_type_id
    LEFT JOIN constraint_details d ON d.object_id = c.default_object_id AND c.default_object_id <> 0;
"""

# What belongs to the whole server is made anew in front of a statement that asks for it.
SERVER_TABLES = {
    "sys_databases": "name TEXT COLLATE NOCASE, database_id INTEGER, create_date TEXT, state INTEGER, state_desc TEXT, "
                     "user_access INTEGER, user_access_desc TEXT, is_read_committed_snapshot_on INTEGER, "
                     "snapshot_isolation_state INTEGER, snapshot_isolation_state_desc TEXT, is_read_only INTEGER, "
                     "collation_name TEXT, compatibility_level INTEGER, recovery_model_desc TEXT, owner_sid BLOB",
    "sys_dm_exec_sessions": "session_id INTEGER, login_name TEXT COLLATE NOCASE, program_name TEXT, host_name TEXT, "
                            "host_process_id INTEGER, database_id INTEGER, status TEXT, login_time TEXT, "
                            "is_user_process INTEGER, open_transaction_count INTEGER, client_interface_name TEXT, "
                            "original_login_name TEXT, last_request_start_time TEXT",
    "sys_dm_exec_connections": "session_id INTEGER, encrypt_option TEXT, net_transport TEXT, client_net_address TEXT, "
                               "local_tcp_port INTEGER",
    "sys_dm_exec_requests": "session_id INTEGER, status TEXT, command TEXT, database_id INTEGER, "
                            "blocking_session_id INTEGER, wait_type TEXT, wait_time INTEGER",
    "sys_dm_tran_locks": "resource_type TEXT COLLATE NOCASE, resource_database_id INTEGER, resource_description TEXT, "
                         "request_mode TEXT, request_type TEXT, request_status TEXT, request_session_id INTEGER, "
                         "request_owner_type TEXT",
    "sys_server_principals": "name TEXT COLLATE NOCASE, principal_id INTEGER, type TEXT, type_desc TEXT, "
                             "is_disabled INTEGER",
    "sys_sql_logins": "name TEXT COLLATE NOCASE, principal_id INTEGER, type TEXT, is_disabled INTEGER",
    "sys_configurations": "configuration_id INTEGER, name TEXT COLLATE NOCASE, value INTEGER, value_in_use INTEGER",
    "sys_dm_os_sys_info": "sqlserver_start_time TEXT, cpu_count INTEGER, physical_memory_kb INTEGER",
    "sys_master_files": "database_id INTEGER, file_id INTEGER, name TEXT, physical_name TEXT, type_desc TEXT",
}
