-- The addresses from which users signed in during the 90 days before a moment.
--
-- $1 the moment
SELECT account.name::text, address.name, min(fact.first_at), max(fact.last_at)
FROM :"schema".fact AS fact
JOIN :"schema".dim_action AS action ON action.id = fact.action_id AND action.name = 'login'
JOIN :"schema".dim_user AS account ON account.id = fact.user_id
JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
WHERE fact.hour >= $1 - interval '90 days' AND fact.hour < $1
GROUP BY 1, 2
ORDER BY 4
