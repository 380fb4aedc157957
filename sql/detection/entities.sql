-- How much each address and each user did in each hour of the four weeks before a moment.
--
-- $1 the moment
SELECT hour, false AS is_user, address.name AS name, sum(events)::bigint
FROM :"schema".fact AS fact
JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
WHERE fact.hour >= $1 - interval '28 days' AND fact.hour < date_trunc('hour', $1, 'UTC')
GROUP BY 1, 3
UNION ALL
SELECT hour, true, account.name::text, sum(events)::bigint
FROM :"schema".fact AS fact
JOIN :"schema".dim_user AS account ON account.id = fact.user_id
WHERE fact.hour >= $1 - interval '28 days' AND fact.hour < date_trunc('hour', $1, 'UTC')
GROUP BY 1, 3
ORDER BY 1
