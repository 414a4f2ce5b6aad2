/// What the server holds and takes at this moment.
package struct Load: Equatable {
    /// Exchanges under way, those that wait for their turn included.
    package var exchanges = 0
    package var waiting = 0
    /// Clients' connections.
    package var connections = 0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var openDescriptors = 0
    package var mostDescriptors = 0
    /// Of the processor, since the start.
    package var cpuSeconds = 0.0
    package var startedAt = UnixTime.epoch
    /// When the models list was last fetched; nil while there is none.
    package var modelsFetchedAt: UnixTime?

    package init() {}
}
