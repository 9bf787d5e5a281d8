-- Blocks of pages and slides: transcripts with their commands marked, and tables that
-- can be moved sideways by themselves.

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function escape(text)
  return (text:gsub("[&<>]", escapes))
end

-- A transcript: what is typed is marked, so that it can be seen and copied.
local function transcript(block)
  local out = {}
  for line in (block.text .. "\n"):gmatch("(.-)\n") do
    local prompt, command = line:match("^([#$>] )(.*)$")
    if prompt then
      line = '<span class="prompt">' .. escape(prompt) .. '</span><kbd>'
        .. escape(command) .. "</kbd>"
    else
      line = escape(line)
    end
    out[#out + 1] = line
  end
  local text = table.concat(out, "\n")
  return pandoc.RawBlock("html", '<pre class="transcript"><code>' .. text .. "</code></pre>")
end

function CodeBlock(block)
  if block.classes[1] == "console" then
    return transcript(block)
  end
end

function Table(block)
  return pandoc.Div(block, pandoc.Attr("", { "scroll" }))
end
