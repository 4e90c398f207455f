// NoThreads: while it lives, no thread can be made: there is no memory for its stack. Not under a
// sanitizer, whose shadow is larger than any limit.
#pragma once

#include <pthread.h>
#include <sys/resource.h>

namespace strata::test {

#ifdef __has_feature  // clang
#define STRATA_HAS_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STRATA_HAS_SANITIZER 1
#else
#define STRATA_HAS_SANITIZER 0
#endif
#endif
#if STRATA_HAS_SANITIZER
inline constexpr bool threads_can_be_denied = false;
#else
inline constexpr bool threads_can_be_denied = true;
#endif

class NoThreads {
public:
    NoThreads() {
        // Stacks of threads that have ended are kept for others: this one fits none of them.
        constexpr std::size_t stack = std::size_t{1} << 30;
        ::pthread_getattr_default_np(&attributes_);
        pthread_attr_t large;
        ::pthread_getattr_default_np(&large);
        ::pthread_attr_setstacksize(&large, stack);
        ::pthread_setattr_default_np(&large);
        ::pthread_attr_destroy(&large);
        ::getrlimit(RLIMIT_AS, &limit_);
        const rlimit none{1 << 20, limit_.rlim_max};  // less than there is already
        ::setrlimit(RLIMIT_AS, &none);
    }
    NoThreads(const NoThreads&) = delete;
    NoThreads& operator=(const NoThreads&) = delete;
    ~NoThreads() {
        ::setrlimit(RLIMIT_AS, &limit_);
        ::pthread_setattr_default_np(&attributes_);
        ::pthread_attr_destroy(&attributes_);
    }

private:
    pthread_attr_t attributes_{};
    rlimit limit_{};
};

}  // namespace strata::test
