-- The addresses from which users signed in during the 90 days before detection began.
SELECT account.name::text, address.name, min(fact.first_at), max(fact.last_at)
FROM :"schema".fact AS fact
JOIN :"schema".dim_action AS action ON action.id = fact.action_id AND action.name = 'login'
JOIN :"schema".dim_user AS account ON account.id = fact.user_id
JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
CROSS JOIN :"schema".detection AS detection
WHERE fact.hour >= detection.begins_at - interval '90 days' AND fact.hour < detection.begins_at
GROUP BY 1, 2
ORDER BY 4
