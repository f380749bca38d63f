"""Who may do what: keys with scopes, logins, bounded refusals, and a record of administrative acts."""
