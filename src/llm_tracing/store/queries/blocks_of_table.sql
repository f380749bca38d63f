-- How many blocks of the file hold some of a table. A block that several tables share counts for each.
SELECT count(DISTINCT block_id)
FROM (
    SELECT block_id FROM pragma_storage_info('{table}') WHERE persistent
    UNION ALL
    SELECT unnest(additional_block_ids) FROM pragma_storage_info('{table}') WHERE persistent
)
WHERE block_id >= 0
