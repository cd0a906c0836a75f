internal import CairnCore
internal import CairnDomains

/// Rows of `user_touch_debug_log` (seed 000): each is an event under its uid.
struct TouchTable: TableTarget {
    /// The places of the columns.
    enum Column {
        static let (id, uid, user, event, createdAt) = (0, 1, 2, 3, 4)
    }

    var table: SourceTable { .touch }

    func entry(_ row: TableRow, recordsCreation: Bool) throws(RowFault) -> SingleEntry {
        let uid = try row.requiredText(Column.uid)
        let user = try row.requiredText(Column.user)
        let createdAt = try row.requiredReal(Column.createdAt)
        guard let json = try row.json(Column.event) else { throw row.missing(Column.event) }
        var origin = RowOrigin(id: try row.integer(Column.id))
        origin.keep(row, Column.createdAt, unless: createdAt.cellText)
        let touch: Touch
        do throws(TouchError) {
            touch = try Touch(
                uid: try TouchUID(uid),
                user: user,
                json: json,
                createdAt: createdAt,
                origin: origin.ifNeeded
            )
        } catch {
            throw RowFault(.touch(error))
        }
        do throws(LimitError) {
            return SingleEntry(
                subject: user,
                createdAt: touch.createdTime,
                stream: try TouchMachine.stream(of: user),
                event: try touch.newEvent(recordedAt: recordsCreation ? touch.createdTime : nil)
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }
}
