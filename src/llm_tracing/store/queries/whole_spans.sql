-- Some spans with all their columns, to be merged with what arrived of them since.
SELECT {columns} FROM spans WHERE {where}
