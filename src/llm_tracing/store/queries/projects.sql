-- Created LangSmith projects, by name.
SELECT {columns} FROM langsmith_projects ORDER BY name
