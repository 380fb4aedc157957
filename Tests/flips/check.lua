-- Checks each response that wrk reads: whether the sums in it agree with one another, and whether its bytes are those
-- that the same entity tag had before.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(arguments)
    checked, wrong, first = 0, 0, ""
    bodies = {}
end

local function complain(what, body)
    wrong = wrong + 1
    if first == "" then first = what .. ": " .. body end
end

-- The counts of a list of objects, added.
local function sum(list)
    local total = 0
    for count in list:gmatch('"count":(%d+)') do total = total + count end
    return total
end

local function dashboard(body)
    local total = tonumber(body:match('"totalActivity":(%d+)'))
    local collections, actions = body:match('"collections":(%b[])'), body:match('"actions":(%b[])')
    return total and collections and actions and sum(collections) == total and sum(actions) == total
end

local function hourly(body)
    local hours = 0
    for total, parts in body:gmatch('"total":(%d+),"uniqueUsers":%d+,"byAction":(%b{})') do
        local added = 0
        for count in parts:gmatch(':(%d+)') do added = added + count end
        if added ~= tonumber(total) then return false end
        hours = hours + 1
    end
    return hours == 169
end

function response(status, headers, body)
    checked = checked + 1
    if status ~= 200 then return complain("status " .. status, body) end
    local tag = headers["ETag"]
    local known = bodies[tag]
    if known then
        if known ~= body then complain("another body under " .. tag, body) end
        return
    end
    bodies[tag] = body
    local check = body:find('"summary"', 1, true) and dashboard or hourly
    if not check(body) or body:sub(-2) ~= "}}" then complain("sums that disagree", body) end
end

function done(summary, latency, requests)
    local total = 0
    for _, thread in ipairs(threads) do
        total = total + thread:get("checked")
        if thread:get("wrong") > 0 then
            print("WRONG " .. thread:get("wrong") .. " times, first " .. thread:get("first"))
        end
    end
    print("checked " .. total)
end
