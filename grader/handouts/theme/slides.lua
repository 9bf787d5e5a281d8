-- Slides from the same source. A section gives a slide with its title and its first
-- sentence; each figure, block of code, table or list goes on with a slide of its
-- own; what is said about it becomes the presenter's notes. A section that has
-- blocks `::: slide` shows these instead, and all else of it is notes.

local slides = pandoc.List()
local current -- the slide that is being filled
local section -- title of the section, and whether its slides are marked
local LEAST = 2 -- bold words that begin paragraphs, to be shown as a list

-- The inlines up to the end of the line: the pages have a sentence a line.
local function sentence(inlines)
  local out = pandoc.List()
  for _, inline in ipairs(inlines) do
    if inline.t == "SoftBreak" or inline.t == "LineBreak" then
      break
    end
    out:insert(inline)
  end
  return out
end

local function new_slide(title, kind)
  current = { title = title, kind = kind, body = pandoc.List(), notes = pandoc.List() }
  slides:insert(current)
end

local function is_figure(block)
  return block.t == "RawBlock" and block.text:find("^<figure") ~= nil
end

local function is_shown(block)
  return is_figure(block) or block.t == "CodeBlock"
    or (block.t == "Div" and block.classes[1] == "scroll")
    or block.t == "BulletList" or block.t == "OrderedList"
    or (block.t == "RawBlock" and block.text:find("^<pre") ~= nil)
end

-- A list of which each item shows its first sentence only.
local function shortened(list)
  local items = pandoc.List()
  for _, item in ipairs(list.content) do
    local first = item[1]
    if first and (first.t == "Para" or first.t == "Plain") then
      items:insert({ pandoc.Plain(sentence(first.content)) })
    else
      items:insert({ first })
    end
  end
  if list.t == "OrderedList" then
    return pandoc.OrderedList(items, list.listAttributes)
  end
  return pandoc.BulletList(items)
end

-- Of a paragraph that ends with a colon the next slide is spoken.
local function leads_on(block)
  local last = block and block.t == "Para" and block.content[#block.content]
  return last and last.t == "Str" and last.text:find(":$") ~= nil
end

local function show(block)
  local lead = current.notes[#current.notes]
  if current.full then
    new_slide(section.title, "slide")
    if leads_on(lead) then
      slides[#slides - 1].notes:remove()
      current.notes:insert(lead)
    end
  end
  current.full = true
  if block.t == "BulletList" or block.t == "OrderedList" then
    current.body:insert(shortened(block))
    current.notes:insert(block)
  else
    current.body:insert(block)
  end
end

-- A paragraph that begins in bold is a point of the slide.
local function point(block)
  local points = current.points
  if not points then
    if current.full then
      new_slide(section.title, "slide")
    end
    points = pandoc.BulletList({})
    current.points, current.full = points, true
    current.body:insert(points)
    current.at = #current.body
  end
  local items = points.content
  items[#items + 1] = { pandoc.Plain(sentence(block.content)) }
  points.content = items
  current.body[current.at] = points
end

local function speak(block)
  if block.t == "Para" and not section.marked then
    if block.content[1].t == "Strong" and (section.points or 0) >= LEAST then
      point(block)
    elseif #current.body == 0 then
      current.body:insert(pandoc.Div(pandoc.Para(sentence(block.content)), pandoc.Attr("", { "lead" })))
    end
  end
  current.notes:insert(block)
end

-- A block `::: slide`: its heading, if it has one, is the title.
local function marked(div)
  new_slide(section.title, "slide")
  for _, block in ipairs(div.content) do
    if block.t == "Header" then
      current.title = block.content
    elseif block.t == "Div" and block.classes[1] == "notes" then
      current.notes:extend(block.content)
    else
      current.body:insert(block)
    end
  end
  current.full = true
end

-- What a section has, before it is walked through: marked slides, bold beginnings.
local function look_ahead(blocks, start)
  local found = { points = 0 }
  for index = start, #blocks do
    local block = blocks[index]
    if block.t == "Header" and block.level <= 3 then
      break
    elseif block.t == "Div" and block.classes[1] == "slide" then
      found.marked = true
    elseif block.t == "Para" and block.content[1].t == "Strong" then
      found.points = found.points + 1
    end
  end
  return found
end

local function walk(blocks)
  for index, block in ipairs(blocks) do
    if block.t == "Header" and block.level <= 3 then
      section = look_ahead(blocks, index + 1)
      section.title = block.content
      new_slide(block.content, block.level == 1 and "title" or "slide")
    elseif block.t == "Div" and block.classes[1] == "slide" then
      marked(block)
    elseif block.t == "Div" and block.classes[1] == "notes" then
      current.notes:extend(block.content)
    elseif block.t == "Div" and block.classes[1] == "practised" then
      goto continue
    elseif is_shown(block) and not section.marked then
      show(block)
    else
      speak(block)
    end
    ::continue::
  end
end

local function html(number, slide)
  local level = slide.kind == "title" and 1 or 2
  local out = pandoc.List({
    pandoc.RawBlock("html", '<section class="' .. slide.kind .. '" id="' .. number .. '">'),
    pandoc.Header(level, slide.title),
    pandoc.RawBlock("html", '<div class="body">'),
  })
  out:extend(slide.body)
  out:insert(pandoc.RawBlock("html", "</div>"))
  if #slide.notes > 0 then
    out:insert(pandoc.RawBlock("html", '<aside class="notes" aria-label="Notes">'))
    out:extend(slide.notes)
    out:insert(pandoc.RawBlock("html", "</aside>"))
  end
  out:insert(pandoc.RawBlock("html", "</section>"))
  return out
end

-- Links from steps to sections belong to the page.
local function without_reading(span)
  if span.classes[1] == "read" then
    return {}
  elseif span.identifier ~= "" then
    return span.content
  end
end

function Pandoc(doc)
  doc = doc:walk({ Span = without_reading })
  walk(doc.blocks)
  local blocks = pandoc.List()
  for number, slide in ipairs(slides) do
    blocks:extend(html(number, slide))
  end
  return pandoc.Pandoc(blocks, doc.meta)
end
