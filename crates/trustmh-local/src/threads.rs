//! How many threads one instance computes with.

/// Has the model's kernels compute on one thread per instance.
///
/// They size a process-wide pool by environment variables, and two instances that share a pool of two
/// threads wait for each other: measured on 2 cores, 17 instead of 32 reply tokens per second each.
/// Variables that are set already are left alone.
///
/// To be called before the process starts any thread.
pub fn one_thread_per_instance() {
    for variable in ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"] {
        if std::env::var_os(variable).is_none() {
            // SAFETY: the contract above: no other thread reads the environment yet.
            #[allow(unsafe_code)]
            unsafe {
                std::env::set_var(variable, "1");
            }
        }
    }
}
