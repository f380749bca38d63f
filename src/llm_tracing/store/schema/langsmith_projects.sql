-- Projects that a LangSmith client created or described; one that only has runs is in no table. Column order: model.ProjectRow.
CREATE TABLE langsmith_projects (
    project_id UUID NOT NULL, -- made from the name
    name VARCHAR NOT NULL,
    created_at_unix_nano UBIGINT NOT NULL,
    end_time_unix_nano UBIGINT,
    description VARCHAR,
    extra VARCHAR NOT NULL -- JSON
);
