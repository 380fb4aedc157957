-- How much each address and each user did in each hour of the four weeks before detection began.
SELECT hour, false AS is_user, address.name AS name, sum(events)::bigint
FROM :"schema".fact AS fact
JOIN :"schema".dim_ip AS address ON address.id = fact.ip_id
CROSS JOIN :"schema".detection AS detection
WHERE fact.hour >= detection.begins_at - interval '28 days' AND fact.hour < date_trunc('hour', detection.begins_at)
GROUP BY 1, 3
UNION ALL
SELECT hour, true, account.name::text, sum(events)::bigint
FROM :"schema".fact AS fact
JOIN :"schema".dim_user AS account ON account.id = fact.user_id
CROSS JOIN :"schema".detection AS detection
WHERE fact.hour >= detection.begins_at - interval '28 days' AND fact.hour < date_trunc('hour', detection.begins_at)
GROUP BY 1, 3
ORDER BY 1
