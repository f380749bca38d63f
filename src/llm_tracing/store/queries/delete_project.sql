-- Forget a created project.
DELETE FROM langsmith_projects WHERE project_id = ? RETURNING project_id
