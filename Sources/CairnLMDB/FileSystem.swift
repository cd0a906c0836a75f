internal import CLMDB
internal import CairnJournal
internal import Glibc

/// What the journal asks of the file system under it.
enum FileSystem {
    /// File systems on which locks or memory maps do not do what LMDB relies on, by the magic
    /// number that `statfs` gives.
    private static let refused: [UInt64: String] = [
        0x6969: "NFS",
        0x517B: "SMB",
        0xFF53_4D42: "CIFS",
        0xFE53_4D42: "SMB2",
        0x794C_7630: "overlay",
        0x0102_1997: "9P",
        0x6573_5546: "FUSE",
        0x00C3_6400: "Ceph",
        0x5346_414F: "AFS",
        0x0BD0_0BD0: "Lustre",
        0x0116_1970: "GFS2",
        0x7461_636F: "OCFS2",
        0x786F_4256: "VirtualBox shared folder",
    ]

    /// Checks that LMDB is safe where a path, or its nearest existing parent, is.
    ///
    /// - Throws: `JournalError.unsupportedFileSystem(path:name:)` and
    ///   `JournalError.inputOutput(path:code:)`.
    static func check(_ path: String) throws(JournalError) {
        var information = statfs()
        guard unsafe statfs(path, &information) == 0 else {
            throw error(errno, path: path, action: "open")
        }
        if let name = refused[UInt64(bitPattern: Int64(information.f_type)) & 0xFFFF_FFFF] {
            throw .unsupportedFileSystem(path: path, name: name)
        }
    }

    /// What a path leads to.
    enum Kind {
        case nothing, file, folder
    }

    static func kind(of path: String) throws(JournalError) -> Kind {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return .nothing }
            throw error(errno, path: path, action: "look at")
        }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// Device and inode of a file: what it is, whatever it is called.
    struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    static func identity(of path: String) throws(JournalError) -> Identity {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw error(errno, path: path, action: "look at")
        }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Device and inode of an open file.
    static func identity(of file: Int32, path: String) throws(JournalError) -> Identity {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else {
            throw error(errno, path: path, action: "look at")
        }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Makes sure that a file has its place on the disk before it is mapped into memory, and makes
    /// it where it is missing: there a full disk would end the process.
    ///
    /// Where the file system cannot tell, or nothing may be written, nothing is done.
    /// - Throws: `JournalError.outOfSpace(path:)`.
    static func reserve(_ path: String, byteCount: Int) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
        guard descriptor >= 0 else {
            if errno == ENOSPC || errno == EDQUOT { throw .outOfSpace(path: path) }
            return
        }
        defer { close(descriptor) }
        while cairn_allocate(descriptor, off_t(byteCount)) != 0 {
            switch errno {
            case EINTR: continue
            case ENOSPC, EDQUOT: throw .outOfSpace(path: path)
            default: return
            }
        }
    }

    /// Makes a file's or folder's content and names durable.
    static func synchronize(_ path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error(errno, path: path, action: "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .inputOutput(path: path, code: errno) }
    }

    /// Reads from an open file until memory is full or the file ends.
    ///
    /// - Returns: How many bytes there were; nil where a call failed: `errno` says why.
    @unsafe
    static func read(
        _ file: Int32,
        at offset: Int,
        into memory: UnsafeMutableRawBufferPointer
    ) -> Int? {
        transfer(memory.count) { done in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[done...])
            return unsafe pread(file, rest.baseAddress, rest.count, off_t(offset + done))
        }
    }

    /// Writes all of some bytes to an open file.
    ///
    /// - Returns: Whether they were written; if not, `errno` says why.
    @unsafe
    static func write(
        _ file: Int32,
        at offset: Int,
        _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        transfer(bytes.count) { done in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            return unsafe pwrite(file, rest.baseAddress, rest.count, off_t(offset + done))
        } == bytes.count
    }

    /// How often a call is made again that a signal has cut short.
    private static let interruptionCountMax = 100

    private static func transfer(_ count: Int, _ call: (_ done: Int) -> Int) -> Int? {
        var done = 0
        var interruptionCount = 0
        while done < count {
            let moved = call(done)
            if moved < 0, errno == EINTR, interruptionCount < interruptionCountMax {
                interruptionCount += 1
                continue
            }
            if moved < 0 { return nil }
            if moved == 0 {
                errno = EIO
                break
            }
            done += moved
        }
        return done
    }

    /// Whether a file at a path cannot grow by some bytes: the disk is full, or the process may not
    /// make files that large.
    static func isFull(_ path: String, growingBy byteCount: Int) -> Bool {
        var disk = statvfs()
        if unsafe statvfs(path, &disk) == 0,
            UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < UInt64(byteCount)
        {
            return true
        }
        var limit = rlimit()
        var status = stat()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
            limit.rlim_cur != rlim_t.max, unsafe stat(path, &status) == 0
        else { return false }
        return limit.rlim_cur < UInt64(status.st_size) + UInt64(byteCount)
    }

    /// Where a path leads: the same folder without links, dots and slashes at its end.
    ///
    /// Of what does not exist, the name under the folder that it would be in.
    static func resolved(_ path: String) -> String {
        if let place = unsafe realpath(path, nil) {
            defer { unsafe free(place) }
            return unsafe String(cString: place)
        }
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        return String(trimmed)
    }

    /// Gives one folder the owner and the permissions of another, if that is there.
    static func copyMode(of source: String, to target: String) {
        var status = stat()
        guard unsafe stat(source, &status) == 0 else { return }
        _ = unsafe chown(target, status.st_uid, status.st_gid)
        _ = unsafe chmod(target, status.st_mode & 0o7777)
    }

    /// The folder that holds a path.
    static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    static func error(_ code: Int32, path: String, action: String) -> JournalError {
        switch code {
        case ENOENT: .notFound(path: path)
        case ENOTDIR: .notAJournal(path: path, reason: "a part of the path is a file")
        case EACCES, EPERM, EROFS: .noPermission(path: path, action: action)
        case ENOSPC, EDQUOT: .outOfSpace(path: path)
        default: .inputOutput(path: path, code: code)
        }
    }
}
