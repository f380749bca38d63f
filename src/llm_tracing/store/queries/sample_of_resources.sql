SELECT DISTINCT ON (resource_id) attributes FROM resources
