@preconcurrency import Dispatch
import Glibc

/// The terminal while a program draws on all of it: a screen of its own, and keys that come at once and are not shown.
struct Terminal: Sendable {
    private let before: termios

    /// q, Q, and what Ctrl-C is while it makes no signal.
    static let endingKeys: Set<UInt8> = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3]

    /// Takes the terminal over; nil when standard input or output is none.
    static func take() -> Terminal? {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else {
            return nil
        }
        let terminal = Terminal(before: settings)
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
        // No cursor, and no line that goes on in the next one: how wide a character is, the terminal alone knows.
        terminal.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
        return terminal
    }

    /// Leaves the terminal as it was.
    func giveBack() {
        write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }

    /// How much fits now; 80 times 24 when it does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws lines over what was there. It is erased before they are written, since behind a line that is as long as the
    /// terminal is wide the cursor stands on its last character.
    func draw(_ lines: [String]) {
        let all = lines.dropLast().map { "\u{1B}[K\($0)\n" } + ["\u{1B}[J\(lines.last ?? "")"]
        write("\u{1B}[H" + all.joined())
    }

    /// The keys that are pressed from now on, as bytes; ends with the terminal.
    var keys: AsyncStream<UInt8> {
        AsyncStream { continuation in
            let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
            source.setEventHandler {
                var byte: UInt8 = 0
                if read(STDIN_FILENO, &byte, 1) == 1 { continuation.yield(byte) } else { continuation.finish() }
            }
            continuation.onTermination = { _ in source.cancel() }
            source.resume()
        }
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
