internal import Foundation
internal import Subprocess
internal import SystemPackage

/// The standard streams of a child that is about to be started.
struct ChildStreams {
    let input: FileDescriptorInput
    let output: FileDescriptorOutput
    let error: FileDescriptorOutput
    /// A file without a name that gets the errors, where they are kept.
    let keptErrors: FileHandle?

    init(_ command: ChildCommand) throws {
        // All that was opened before is closed again where a later one cannot be.
        var opened: [FileDescriptor] = []
        do {
            let input = try Self.open(command.input, isInput: true, &opened)
            let output = try Self.open(command.output, isInput: false, &opened)
            let keptErrors = try command.error == nil ? Self.namelessFile() : nil
            let error = try Self.open(
                keptErrors.map { .descriptor($0.fileDescriptor) } ?? command.error ?? .nothing,
                isInput: false,
                &opened
            )
            self.input = .fileDescriptor(
                input,
                closeAfterSpawningProcess: opened.contains(input)
            )
            self.output = .fileDescriptor(
                output,
                closeAfterSpawningProcess: opened.contains(output)
            )
            self.error = .fileDescriptor(
                error,
                closeAfterSpawningProcess: opened.contains(error)
            )
            self.keptErrors = keptErrors
        } catch {
            for descriptor in opened { try? descriptor.close() }
            throw error
        }
    }

    private static func open(
        _ stream: ChildCommand.Stream,
        isInput: Bool,
        _ opened: inout [FileDescriptor]
    ) throws -> FileDescriptor {
        let descriptor: FileDescriptor
        switch stream {
        case .descriptor(let number): return FileDescriptor(rawValue: number)
        case .nothing:
            descriptor = try .open("/dev/null", .readWrite, options: .closeOnExec)
        case .file(let path) where isInput:
            descriptor = try .open(FilePath(path), .readOnly, options: .closeOnExec)
        case .file(let path):
            // Appending, because output and errors may go to the same file.
            descriptor = try .open(
                FilePath(path),
                .writeOnly,
                options: [.append, .create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
        }
        opened.append(descriptor)
        return descriptor
    }

    /// Makes a file that is gone with those who have it open.
    private static func namelessFile() throws -> FileHandle {
        let name = "cairn-test-errors-\(UUID().uuidString)"
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        let descriptor = try FileDescriptor.open(
            FilePath(path),
            .readWrite,
            options: [.append, .create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        try FileManager.default.removeItem(atPath: path)
        return FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
    }
}
