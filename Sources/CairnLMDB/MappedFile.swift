internal import CairnJournal
internal import Glibc
internal import Synchronization

/// Where LMDB has the data file in memory, and how much of it is in the file.
///
/// LMDB does not say where its map begins: it is worked out from the page of a value that LMDB
/// lends, and compared with the file once, before anything is read by it.
final class MappedFile: Sendable {
    /// The address of the map's first byte; 0 where it is not known.
    private let address = Atomic<UInt>(0)
    /// Whole pages that the file has at least: it only grows while somebody has it open.
    private let pageCount = Atomic<UInt64>(0)
    /// Whole pages that LMDB has mapped: a file may be longer than this process's map of it.
    private let mapPageCount = Atomic<UInt64>(0)

    /// The pages that are read without LMDB; of a file with others nothing is located.
    ///
    /// A number and not the system's word, because every step of a search asks for it.
    static let pageByteCount = 4_096

    /// The map's first byte; nil where it is not known.
    var start: UnsafeRawPointer? {
        unsafe UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring))
    }

    /// Forgets where the map was: LMDB has made another one.
    func forget() {
        address.store(0, ordering: .releasing)
        pageCount.store(0, ordering: .relaxed)
    }

    /// Works the map's beginning out from bytes that LMDB lends from a page of a read transaction.
    ///
    /// Nothing is taken from there but if the page is the very page of the file, byte for byte.
    func locate(_ lent: UnsafeRawPointer, in file: Int32, mapped byteCount: Int) {
        let size = Self.pageByteCount
        guard sysconf(Int32(_SC_PAGESIZE)) == size else { return }
        mapPageCount.store(UInt64(byteCount / size), ordering: .relaxed)
        let page = unsafe UnsafeRawPointer(bitPattern: UInt(bitPattern: lent) & ~UInt(size - 1))
        guard let page = unsafe page else { return }
        let number = unsafe page.loadUnaligned(as: UInt64.self)
        guard number >= 2, contains(number, file) else { return }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = unsafe pread(file, &bytes, size, Int(number) * size)
        guard count == size, unsafe memcmp(bytes, page, size) == 0 else { return }
        let start = UInt(bitPattern: page) &- UInt(number) &* UInt(size)
        address.store(start, ordering: .releasing)
    }

    /// How many whole pages the file and the map have at least.
    var pageCountMin: UInt64 { pageCount.load(ordering: .relaxed) }

    /// Whether a page lies inside the file and the map: reading one that does not ends the process.
    func contains(_ page: UInt64, _ file: @autoclosure () -> Int32) -> Bool {
        if page < pageCountMin { return true }
        var status = stat()
        guard unsafe fstat(file(), &status) == 0 else { return false }
        let found = min(
            UInt64(status.st_size) / UInt64(Self.pageByteCount),
            mapPageCount.load(ordering: .relaxed)
        )
        pageCount.store(found, ordering: .relaxed)
        return page < found
    }
}
