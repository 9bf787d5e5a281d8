-- The body of a page: what is marked as a slide is shown as it stands, and what the
-- presenter says is left out.

function Div(div)
  if div.classes[1] == "notes" then
    return {}
  elseif div.classes[1] == "slide" then
    return div.content
  end
end
