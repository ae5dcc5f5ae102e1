-- For HAProxy 2.6 or later: asks iampass-gate about each request, and gives its answer where it does not let the request in.
--
--   global:        lua-load /etc/haproxy/iampass-gate.lua
--   backend site:  http-request lua.iampass-gate 127.0.0.1:8090
--                  http-request deny deny_status 503 unless { var(txn.iampass_gate) -m str in }
--
-- The second line is what lets nobody in when this file fails: only the last line of ask() sets the variable.

local patience = 10000 -- milliseconds

-- Headers of the connection or of the body, and those that this file sets.
local own = {
    ["connection"] = true, ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
    ["transfer-encoding"] = true, ["upgrade"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
    ["x-forwarded-host"] = true, ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true,
}

-- Headers by which the gate is asked. The client's own do not go on to the site.
local asked_by = { ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true }

-- Headers of an answer that HAProxy writes by itself.
local framing = { ["connection"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true, ["content-length"] = true }

-- The name as CGI, PHP and lighttpd read it: they take one sign for all others.
local function read_by_cgi(name)
    return (name:lower():gsub("[^%w]", "-"))
end

local function list(values)
    local all = {}
    local at = values[0] and 0 or 1
    while values[at] do
        all[#all + 1] = values[at]
        at = at + 1
    end
    return all
end

local function refuse(txn, response)
    local reply = txn:reply()
    reply:set_status(response.status)
    for name, values in pairs(response.headers or {}) do
        if not framing[name:lower()] then
            for _, value in ipairs(list(values)) do
                reply:add_header(name, value)
            end
        end
    end
    if txn.f:method() ~= "HEAD" then
        reply:set_body(response.body or "")
    end
    txn:done(reply)
end

-- The values of Connection without the names of these headers. What it names is left out by the next program that hands the request on.
local function connection_without(identity, values)
    local kept, left_out = {}, false
    for _, value in ipairs(list(values)) do
        for name in value:gmatch("[^,%s]+") do
            if identity[read_by_cgi(name)] then
                left_out = true
            else
                kept[#kept + 1] = name
            end
        end
    end
    return left_out, table.concat(kept, ", ")
end

local function ask(txn, gate)
    txn:set_var("txn.iampass_gate", "out")
    local address = txn.f:pathq()
    if not address or address:sub(1, 1) ~= "/" then
        return refuse(txn, { status = 400 })
    end
    local sent = txn.http:req_get_headers()
    -- Within another protocol the site would get requests that the gate is not asked about.
    local upgrades = sent["upgrade"] and list(sent["upgrade"]) or {}
    local is_websocket = #upgrades == 1 and upgrades[1]:lower() == "websocket"
    if (#upgrades > 0 and not is_websocket) or sent["http2-settings"] or txn.f:method() == "CONNECT" then
        return refuse(txn, { status = 400 })
    end
    local hosts = sent["host"] and list(sent["host"]) or {}
    local headers = {}
    for name, values in pairs(sent) do
        if not own[name] then
            headers[name] = list(values)
        end
    end
    headers["host"] = { gate }
    headers["x-forwarded-host"] = hosts
    headers["x-forwarded-method"] = { txn.f:method() }
    headers["x-forwarded-uri"] = { address }
    local response = core.httpclient():get{
        url = "http://" .. gate .. "/_iampass/check", headers = headers, timeout = patience,
    }
    if not response or not response.status or response.status < 200 then
        return refuse(txn, { status = 503 })
    end
    if response.status ~= 200 then
        return refuse(txn, response)
    end
    local names = response.headers["iampass-identity"] and list(response.headers["iampass-identity"]) or {}
    if #names ~= 1 then
        return refuse(txn, { status = 503 })
    end
    local identity = {}
    for name in names[1]:gmatch("[^,]+") do
        identity[read_by_cgi(name)] = true
    end
    for name in pairs(sent) do
        if identity[read_by_cgi(name)] or asked_by[read_by_cgi(name)] then
            txn.http:req_del_header(name)
        end
    end
    if sent["connection"] then
        local left_out, kept = connection_without(identity, sent["connection"])
        if left_out then
            txn.http:req_del_header("connection")
            if kept ~= "" then
                txn.http:req_add_header("connection", kept)
            end
        end
    end
    for name, values in pairs(response.headers) do
        if identity[read_by_cgi(name)] and list(values)[1] ~= "" then
            txn.http:req_set_header(name, list(values)[1])
        end
    end
    -- The site gets what the gate was asked about, and no address of which each program reads another part.
    txn.http:req_set_uri(address)
    txn:set_var("txn.iampass_gate", "in")
end

core.register_action("iampass-gate", { "http-req" }, ask, 1)
