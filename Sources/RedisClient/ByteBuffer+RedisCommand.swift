import NIOCore

extension ByteBuffer {
    /// The commands as RESP arrays of bulk strings, one after the other in one buffer.
    init(commands: [RedisCommand]) {
        self.init()
        for command in commands {
            writeCommand(command)
        }
    }

    private mutating func writeCommand(_ command: RedisCommand) {
        writeHeader("*", command.arguments.count + 1)
        writeBulk(.text(command.name))
        for argument in command.arguments {
            writeBulk(argument.storage)
        }
    }

    private mutating func writeBulk(_ storage: RedisArgument.Storage) {
        switch storage {
        case .text(let text):
            writeHeader("$", text.utf8.count)
            writeString(text)
        case .bytes(let bytes):
            writeHeader("$", bytes.count)
            writeBytes(bytes)
        }
        writeStaticString("\r\n")
    }

    private mutating func writeHeader(_ type: StaticString, _ count: Int) {
        writeStaticString(type)
        writeString(String(count))
        writeStaticString("\r\n")
    }
}
