-- Store a created project, after delete_project.sql. Column order: model.ProjectRow.
INSERT INTO langsmith_projects VALUES (?, ?, ?, ?, ?, ?)
