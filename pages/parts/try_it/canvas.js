// A small canvas to draw a garment on, bright on black as the data set's, by pointer, touch or keyboard.
// It sends its picture, a PNG in base64, once a line has ended; nothing where nothing is drawn.
const TONES = { white: 255, light: 190, middle: 120, black: 0 }
const SIDE = 168, STEP = 4, MOST_UNDO = 20, PAUSE = 250
const SHIRT = [[56, 30], [70, 36], [98, 36], [112, 30], [142, 52], [128, 78], [114, 68], [114, 146], [54, 146], [54, 68], [40, 78], [26, 52]]
const boards = new WeakMap()

export default function (component) {
  const { data, parentElement, setStateValue } = component
  let board = boards.get(parentElement)
  if (!board) {
    board = new Board(parentElement)
    boards.set(parentElement, board)
    if (data.drawing) board.show(data.drawing)
  }
  board.say(Object.fromEntries(data.words))  // at every call: the language may be another
  board.send = value => setStateValue("drawing", value)
  return () => boards.delete(parentElement)
}

class Board {
  constructor(root) {
    this.root = root
    this.canvas = root.querySelector("canvas")
    this.context = this.canvas.getContext("2d", { willReadFrequently: true })
    this.cursor = root.querySelector(".cursor")
    this.tone = "white"
    this.filling = false
    this.undoable = []
    this.at = { x: SIDE / 2, y: SIDE / 2 }
    this.penDown = null  // of the keyboard: whether it draws, once it has been told
    this.blank()
    this.buttons = {}
    this.width = root.querySelector("input")
    this.width.oninput = () => this.mark()
    const tones = root.querySelector("[data-part=tones]"), actions = root.querySelector("[data-part=actions]")
    this.tones = Object.keys(TONES).map(tone => {
      const made = this.button(tones, tone, () => this.choose(tone))
      const dot = document.createElement("i")
      dot.style.background = `rgb(${Array(3).fill(TONES[tone])})`
      made.prepend(dot)
      return [tone, made]
    })
    this.fillButton = this.button(actions, "fill", () => this.setFilling(!this.filling))
    this.button(actions, "undo", () => this.undo())
    this.button(actions, "clear", () => { this.remember(); this.blank(); this.soon() })
    this.button(actions, "example", () => this.example())
    this.choose("white")
    this.setFilling(false)
    this.canvas.onpointerdown = event => this.begin(event)
    this.canvas.onpointermove = event => this.move(event)
    this.canvas.onpointerup = this.canvas.onpointercancel = event => this.end(event)
    this.canvas.onkeydown = event => this.key(event)
    this.canvas.onfocus = () => this.mark()
    this.canvas.onblur = () => { this.penDown = null; this.sayBrush(); this.cursor.hidden = true }
  }

  // What the learner reads and hears; buttons by their words.
  say(words) {
    this.words = words
    const part = name => this.root.querySelector(`[data-part=${name}]`)
    this.canvas.setAttribute("aria-label", words.canvas)
    part("tools").setAttribute("aria-label", words.tools)
    for (const name of ["width", "keys"]) part(name).textContent = words[name]
    for (const [name, made] of Object.entries(this.buttons)) made.lastChild.data = words[name]
    this.sayBrush()
  }
  sayBrush() {
    const said = this.penDown === null ? "" : this.words[this.penDown ? "down" : "up"]
    this.root.querySelector("[data-part=brush]").textContent = said
  }
  button(parent, name, act) {
    const made = document.createElement("button")
    made.type = "button"
    made.append(document.createTextNode(""))
    made.onclick = act
    parent.append(made)
    return this.buttons[name] = made
  }

  blank() { this.context.fillStyle = "#000"; this.context.fillRect(0, 0, SIDE, SIDE) }
  remember() {
    this.undoable.push(this.context.getImageData(0, 0, SIDE, SIDE))
    if (this.undoable.length > MOST_UNDO) this.undoable.shift()
  }
  undo() {
    const before = this.undoable.pop()
    if (before) { this.context.putImageData(before, 0, 0); this.soon() }
  }
  choose(tone) {
    this.tone = tone
    for (const [name, made] of this.tones) made.setAttribute("aria-pressed", name === tone)
  }
  setFilling(filling) { this.filling = filling; this.fillButton.setAttribute("aria-pressed", filling) }

  place(event) {
    const box = this.canvas.getBoundingClientRect()
    return { x: (event.clientX - box.left) * SIDE / box.width, y: (event.clientY - box.top) * SIDE / box.height }
  }
  begin(event) {
    if (event.button) return
    this.canvas.setPointerCapture(event.pointerId)
    this.remember()
    this.at = this.place(event)
    if (this.filling) { this.fill(this.at); this.soon(); return }
    this.drawing = true
    this.line(this.at, this.at)
  }
  move(event) {
    if (!this.drawing) return
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const to = this.place(one)
      this.line(this.at, to)
      this.at = to
    }
  }
  end() {
    if (this.drawing) this.soon()
    this.drawing = false
  }
  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (way) {
      const to = { x: clamp(this.at.x + STEP * way[0]), y: clamp(this.at.y + STEP * way[1]) }
      if (this.penDown) { this.line(this.at, to); this.soon() }
      this.at = to
    } else if (event.key === " ") {
      this.remember()
      if (this.filling) { this.fill(this.at); this.soon() }
      else {
        this.penDown = !this.penDown
        this.sayBrush()
        if (this.penDown) { this.line(this.at, this.at); this.soon() }
      }
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo()
    else return
    event.preventDefault()
    event.stopPropagation()
    this.mark()
  }
  mark() {
    this.cursor.hidden = false
    this.cursor.classList.toggle("down", !!this.penDown)
    const scale = 100 / SIDE
    Object.assign(this.cursor.style, {
      left: `${this.at.x * scale}%`, top: `${this.at.y * scale}%`,
      width: `${Math.max(8, this.width.value * scale)}%`, aspectRatio: 1,
    })
  }
  line(from, to) {
    const pen = this.context
    pen.strokeStyle = `rgb(${Array(3).fill(TONES[this.tone])})`
    pen.lineWidth = this.width.value
    pen.lineCap = pen.lineJoin = "round"
    pen.beginPath()
    pen.moveTo(from.x, from.y)
    pen.lineTo(to.x + 0.01, to.y)
    pen.stroke()
  }
  // All that touches this place and is nearly as bright becomes the tone.
  fill(at) {
    const picture = this.context.getImageData(0, 0, SIDE, SIDE), pixels = picture.data
    const start = Math.floor(clamp(at.y)) * SIDE + Math.floor(clamp(at.x))
    const old = pixels[4 * start], tone = TONES[this.tone]
    const seen = new Uint8Array(SIDE * SIDE), waiting = [start]
    while (waiting.length) {
      const k = waiting.pop()
      if (seen[k] || Math.abs(pixels[4 * k] - old) > 60) continue
      seen[k] = 1
      pixels.fill(tone, 4 * k, 4 * k + 3)
      const column = k % SIDE
      if (column) waiting.push(k - 1)
      if (column < SIDE - 1) waiting.push(k + 1)
      if (k >= SIDE) waiting.push(k - SIDE)
      if (k < SIDE * (SIDE - 1)) waiting.push(k + SIDE)
    }
    this.context.putImageData(picture, 0, 0)
  }
  example() {
    this.remember()
    this.blank()
    this.context.fillStyle = "rgb(190,190,190)"
    this.context.beginPath()
    for (const [x, y] of SHIRT) this.context.lineTo(x, y)
    this.context.fill()
    this.soon()
  }
  show(drawing) {
    const image = new Image()
    image.onload = () => this.context.drawImage(image, 0, 0)
    image.src = `data:image/png;base64,${drawing}`
  }
  soon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const pixels = this.context.getImageData(0, 0, SIDE, SIDE).data
      const isEmpty = pixels.every((value, k) => k % 4 === 3 || value === 0)
      this.send(isEmpty ? "" : this.canvas.toDataURL("image/png").split(",")[1])
    }, PAUSE)
  }
}

const clamp = value => Math.min(SIDE - 1, Math.max(0, value))
