#include "strata/5_session/stack/stream.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/container/small_vector.hpp>
#include <optional>

#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/asio/file_pages.hpp"
#include "strata/5_session/asio/waiting.hpp"

namespace strata::session::stack {
namespace {

MutableBytes bytes_of_buffer(const asio::mutable_buffer& buffer) {
    return {static_cast<std::byte*>(buffer.data()), buffer.size()};
}
Bytes bytes_of_buffer(const asio::const_buffer& buffer) {
    return {static_cast<const std::byte*>(buffer.data()), buffer.size()};
}

constexpr std::size_t long_write = 32 << 10;
constexpr std::size_t file_piece = 256 << 10;  // read into the send buffer at a time

// What is left of the buffers behind their first `done` bytes.
boost::container::small_vector<Bytes, ConstBufferList::few> behind(const ConstBufferList& buffers, std::size_t done) {
    boost::container::small_vector<Bytes, ConstBufferList::few> left;
    for (const asio::const_buffer& buffer : buffers) {
        const std::size_t skipped = std::min(done, buffer.size());
        done -= skipped;
        if (skipped < buffer.size()) left.push_back(bytes_of_buffer(buffer).subspan(skipped));
    }
    return left;
}

class StackStream final : public StreamImplementation, private transport::tcp::ConnectionUser, private StackMember {
public:
    // Takes over the connection, which is released at the end.
    StackStream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection);
    ~StackStream() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_wait_readable(WaitHandler handler) override;
    void start_read(const MutableBufferList& buffers, IoHandler handler) override;
    void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) override;
    [[nodiscard]] std::size_t write_now(const ConstBufferList& buffers, error_code& error) override;
    void start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler) override;
    [[nodiscard]] std::size_t send_file_now(const ConstBufferList& before, const FileSlice& slice,
                                            error_code& error) override;
    void cancel() override;
    error_code shut_down_sending() override;
    void close() override;
    void abort() override;
    void set_no_delay(bool on) override;
    void set_keepalive(bool on) override;
    void set_ttl(std::uint8_t ttl) override {
        if (transport::tcp::Connection* peer = connection()) peer->set_ttl(ttl);
    }
    void set_traffic_class(std::uint8_t traffic_class) override {
        if (transport::tcp::Connection* peer = connection()) peer->set_traffic_class(traffic_class);
    }
    void set_reset_at_death(bool) override {}
    [[nodiscard]] std::size_t unacknowledged() const override;
    [[nodiscard]] bool is_over() const override;
    [[nodiscard]] bool is_open() const override { return connection_ != nullptr; }
    [[nodiscard]] Address local() const override { return Address{local_}; }
    [[nodiscard]] Address remote() const override { return Address{remote_}; }

private:
    void readable() override;
    void writable() override;
    void closed(std::error_code error) override;
    void abandon() noexcept override;

    // The connection, if it and its stack are still there; the clock is read on the way.
    [[nodiscard]] transport::tcp::Connection* connection();
    // How an operation ends.
    struct Outcome {
        error_code error;
        std::size_t count = 0;
        bool rest_soon = false;  // the last bytes of a long write may still be held back
    };
    struct Reading {
        MutableBufferList buffers;
        Waiting<IoHandler> waiting{};
    };
    // What is to be written, and how much of it is.
    struct Sending {
        ConstBufferList buffers;
        WriteExtent extent;
        std::size_t done = 0;  // bytes of the buffers that are on their way
        FileSlice slice{};     // what follows the buffers, if it has a descriptor
    };
    struct Writing {
        Sending sending;
        bool fetching = false;  // the slice's first page is brought into memory
        Waiting<IoHandler> waiting{};
    };
    // What is done about a page that is not in memory.
    enum class Pages : std::uint8_t { left_out, waited_for };
    [[nodiscard]] Pages pages() const noexcept;
    std::size_t send_file(const ConstBufferList& before, const FileSlice& slice, Pages pages, error_code& error);
    void fetch_pages(Writing& writing);
    // Nothing: it has to wait.
    [[nodiscard]] std::optional<error_code> try_wait();
    [[nodiscard]] std::optional<Outcome> try_read(const MutableBufferList& buffers);
    [[nodiscard]] std::optional<Outcome> try_write(Sending& sending);
    [[nodiscard]] std::optional<Outcome> try_send_file(const Sending& sending, Pages pages);
    void wait_to_write(Sending sending, IoHandler handler);
    void end_write(auto& handler, const Outcome& outcome);
    void cancel_waiting();
    void cancel_reading();
    void cancel_writing();
    void send_rest_soon();

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    transport::tcp::Connection* connection_;
    Endpoint local_;
    Endpoint remote_;
    // Only while an operation waits: an idle conversation should be small.
    std::unique_ptr<Reading> reading_;
    std::unique_ptr<Writing> writing_;
    std::unique_ptr<Waiting<WaitHandler>> waiting_;  // for something to read
    std::shared_ptr<void> alive_;                    // guards what is posted; made when needed
    std::uint32_t writes_ = 0;                       // that TCP has taken
    bool rest_posted_ = false;
};

StackStream::StackStream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      connection_(connection),
      local_(connection->local()),
      remote_(connection->remote()) {
    connection->set_user(this);
}

StackStream::~StackStream() { close(); }

transport::tcp::Connection* StackStream::connection() {
    const auto stack = stack_.lock();
    if (!stack) return nullptr;
    stack->scheduler.update();
    return connection_;
}

std::optional<StackStream::Outcome> StackStream::try_read(const MutableBufferList& buffers) {
    transport::tcp::Connection* from = connection();
    if (from == nullptr) return Outcome{asio::error::bad_descriptor};
    if (buffers.empty()) return Outcome{};
    std::size_t total = 0;
    for (const asio::mutable_buffer& buffer : buffers) {
        const auto count = from->read(bytes_of_buffer(buffer));
        if (!count && total == 0) {
            if (count.error() == Error::would_block) return std::nullopt;
            return Outcome{to_asio(count.error())};
        }
        if (count && *count == 0 && total == 0) return Outcome{asio::error::eof};
        total += count.value_or(0);
        if (count.value_or(0) < buffer.size()) break;
    }
    return Outcome{{}, total};
}

std::optional<StackStream::Outcome> StackStream::try_write(Sending& sending) {
    if (sending.slice.descriptor >= 0) return try_send_file(sending, pages());
    transport::tcp::Connection* to = connection();
    if (to == nullptr) return Outcome{asio::error::bad_descriptor, sending.done};
    const auto left = behind(sending.buffers, sending.done);
    const bool is_long = asio::buffer_size(sending.buffers) >= long_write;
    const auto count = to->write(left, is_long);
    if (!count) {
        if (count.error() == Error::would_block) return std::nullopt;
        return Outcome{to_asio(count.error()), sending.done};
    }
    ++writes_;
    sending.done += *count;
    if (sending.extent == WriteExtent::all && sending.done < asio::buffer_size(sending.buffers)) return std::nullopt;
    return Outcome{{}, sending.done, is_long};
}

// Of an operation that never waited, or of one that did.
void StackStream::end_write(auto& handler, const Outcome& outcome) {
    handler.complete(outcome.error, outcome.count);
    if (outcome.rest_soon) send_rest_soon();
}

// After a long write mostly comes another, from the handler that was just posted. After that one
// has run it is known: if there was none, the last bytes are sent by themselves.
void StackStream::send_rest_soon() {
    if (std::exchange(rest_posted_, true)) return;
    if (!alive_) alive_ = std::make_shared<char>();
    asio::post(executor_, [this, alive = std::weak_ptr<void>(alive_), writes = writes_] {
        if (alive.expired()) return;
        rest_posted_ = false;
        if (writing_) return;
        if (writes_ != writes) return send_rest_soon();
        if (transport::tcp::Connection* to = connection()) (void)to->write(std::span<const Bytes>{});
    });
}

std::optional<error_code> StackStream::try_wait() {
    const transport::tcp::Connection* from = connection();
    if (from == nullptr) return asio::error::bad_descriptor;
    if (!from->readable()) return std::nullopt;
    return error_code{};
}

void StackStream::start_wait_readable(WaitHandler handler) {
    if (waiting_ || reading_) return handler.complete(asio::error::in_progress);
    if (const auto now = try_wait()) return handler.complete(*now);
    waiting_ = std::make_unique<Waiting<WaitHandler>>();
    waiting_->start(std::move(handler), [this] { cancel_waiting(); });
}

void StackStream::start_read(const MutableBufferList& buffers, IoHandler handler) {
    if (reading_ || waiting_) return handler.complete(asio::error::in_progress, 0);
    if (const auto now = try_read(buffers)) return handler.complete(now->error, now->count);
    reading_ = std::make_unique<Reading>(buffers);
    reading_->waiting.start(std::move(handler), [this] { cancel_reading(); });
}

void StackStream::start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) {
    if (writing_) return handler.complete(asio::error::in_progress, 0);
    Sending sending{buffers, extent};
    if (const auto now = try_write(sending)) return end_write(handler, *now);
    wait_to_write(std::move(sending), std::move(handler));
}

void StackStream::start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler) {
    if (writing_) return handler.complete(asio::error::in_progress, 0);
    Sending sending{before, WriteExtent::some, 0, slice};
    if (const auto now = try_write(sending)) return end_write(handler, *now);
    wait_to_write(std::move(sending), std::move(handler));
    if (connection_->writable()) fetch_pages(*writing_);
}

void StackStream::wait_to_write(Sending sending, IoHandler handler) {
    writing_ = std::make_unique<Writing>(std::move(sending));
    writing_->waiting.start(std::move(handler), [this](asio::cancellation_type type) {
        // "total" asks for an end without side effects, and some may be on its way already. As
        // asio::async_write has it.
        using enum asio::cancellation_type;
        if (writing_->sending.done > 0 && (type & (terminal | partial)) == none) return;
        cancel_writing();
    });
}

std::size_t StackStream::write_now(const ConstBufferList& buffers, error_code& error) {
    error = writing_ ? error_code{asio::error::in_progress} : error_code{};
    transport::tcp::Connection* to = connection();
    if (to == nullptr) error = asio::error::bad_descriptor;
    if (error) return 0;
    const bool is_long = asio::buffer_size(buffers) >= long_write;
    const auto count = to->write(behind(buffers, 0), is_long);
    if (!count) error = to_asio(count.error());
    if (!count) return 0;
    ++writes_;
    if (is_long) send_rest_soon();
    return *count;
}

// The bytes before the file's are held back for those, which follow at once, so that both share
// segments.
std::size_t StackStream::send_file(const ConstBufferList& before, const FileSlice& slice, Pages pages,
                                   error_code& error) {
    error.clear();
    transport::tcp::Connection* to = connection();
    if (to == nullptr) return error = asio::error::bad_descriptor, 0;
    std::size_t sent = 0;
    if (!before.empty()) {
        const auto count = to->write(behind(before, 0), slice.count > 0);
        if (!count) return error = to_asio(count.error()), 0;
        ++writes_;
        sent = *count;
        if (slice.count == 0 || sent < asio::buffer_size(before)) return sent;
    }
    const transport::tcp::Source source = [&](std::span<const MutableBytes> blocks) {
        boost::container::small_vector<iovec, 8> into;
        for (const MutableBytes& block : blocks) into.push_back({block.data(), block.size()});
        const auto read = pages == Pages::left_out ? FilePages::read_now : FilePages::read;
        return read(slice, {into.data(), into.size()}, error);
    };
    const bool is_long = slice.count >= long_write;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(slice.count, file_piece));
    const auto count = to->write_from(wanted, source, is_long);
    if (!count) error = to_asio(count.error());
    ++writes_;
    if (is_long) send_rest_soon();
    sent += count.value_or(0);
    if (sent > 0) error.clear();  // what there is to say of the file is said the next time
    return sent;
}

StackStream::Pages StackStream::pages() const noexcept {
    const auto stack = stack_.lock();
    return stack && stack->in_virtual_time ? Pages::waited_for : Pages::left_out;
}

std::size_t StackStream::send_file_now(const ConstBufferList& before, const FileSlice& slice, error_code& error) {
    if (writing_) return error = asio::error::in_progress, 0;
    return send_file(before, slice, pages(), error);
}

std::optional<StackStream::Outcome> StackStream::try_send_file(const Sending& sending, Pages pages) {
    error_code error;
    const std::size_t count = send_file(sending.buffers, sending.slice, pages, error);
    if (error == asio::error::would_block) return std::nullopt;
    return Outcome{error, count};
}

// There is space in the send buffer, and the page that would fill it is on a disk.
void StackStream::fetch_pages(Writing& writing) {
    if (std::exchange(writing.fetching, true)) return;
    if (!alive_) alive_ = std::make_shared<char>();
    auto fetched = [this, alive = std::weak_ptr<void>(alive_), writes = writes_](error_code) {
        if (alive.expired() || !writing_ || writes_ != writes) return;
        writing_->fetching = false;
        if (const auto ended = try_send_file(writing_->sending, Pages::waited_for)) {
            end_write(writing_->waiting, *ended);
            writing_.reset();
        }
    };
    FilePages::of(executor_).fetch(writing.sending.slice, file_piece, WaitHandler{std::move(fetched), executor_});
}

void StackStream::readable() {
    if (waiting_) {
        if (const auto ended = try_wait()) {
            waiting_->complete(*ended);
            waiting_.reset();
        }
    }
    if (reading_) {
        if (const auto ended = try_read(reading_->buffers)) {
            reading_->waiting.complete(ended->error, ended->count);
            reading_.reset();
        }
    }
}

void StackStream::writable() {
    if (!writing_ || writing_->fetching) return;
    if (const auto ended = try_write(writing_->sending)) {
        end_write(writing_->waiting, *ended);
        writing_.reset();
    } else if (writing_->sending.slice.descriptor >= 0 && connection_->writable()) {
        fetch_pages(*writing_);
    }
}

void StackStream::closed(std::error_code) {
    readable();
    writable();
}

// The handlers may own *this: they are destroyed last.
void StackStream::abandon() noexcept {
    const auto reading = std::move(reading_);
    const auto writing = std::move(writing_);
    const auto waiting = std::move(waiting_);
}

void StackStream::cancel_waiting() {
    if (const auto waiting = std::move(waiting_)) waiting->abort();
}

void StackStream::cancel_reading() {
    if (const auto reading = std::move(reading_)) reading->waiting.abort();
}

// Part of it may be in TCP's buffer, where it waits for what does not come now.
void StackStream::cancel_writing() {
    const auto writing = std::move(writing_);
    if (!writing) return;
    ++writes_;
    writing->waiting.complete(asio::error::operation_aborted, writing->sending.done);
    if (transport::tcp::Connection* to = connection()) (void)to->write(std::span<const Bytes>{});
}

void StackStream::cancel() {
    cancel_waiting();
    cancel_reading();
    cancel_writing();
}

error_code StackStream::shut_down_sending() {
    transport::tcp::Connection* peer = connection();
    if (peer == nullptr) return asio::error::bad_descriptor;
    peer->close();
    return {};
}

void StackStream::close() {
    cancel();
    if (connection_ == nullptr) return;
    if (const auto stack = stack_.lock()) {
        stack->scheduler.update();
        stack->tcp.release(connection_);
    }
    connection_ = nullptr;
}

void StackStream::abort() {
    if (transport::tcp::Connection* peer = connection()) peer->abort();
    close();
}

void StackStream::set_no_delay(bool on) {
    if (transport::tcp::Connection* peer = connection()) peer->set_no_delay(on);
}

std::size_t StackStream::unacknowledged() const {
    return connection_ == nullptr || stack_.expired() ? 0 : connection_->unacknowledged();
}

bool StackStream::is_over() const { return connection_ == nullptr || stack_.expired() || connection_->over(); }

void StackStream::set_keepalive(bool on) {
    if (transport::tcp::Connection* peer = connection()) peer->set_keepalive(on);
}

}  // namespace

Stream make_stream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection) {
    return Stream{std::make_unique<StackStream>(stack, connection)};
}

}  // namespace strata::session::stack
