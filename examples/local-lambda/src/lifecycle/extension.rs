//! The extensions' side of the state machine.

use uuid::Uuid;

use super::{Delivery, Fault, Lifecycle, ShutdownReason};

/// Internal and external extensions together.
pub(crate) const MAX_EXTENSIONS: usize = 10;

/// Where an extension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtensionState {
    Started,
    Registered,
    Ready,
    Running,
    InitError,
    ExitError,
    Exited,
    ShutdownFailed,
    LaunchError,
}

/// The events an extension asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    pub(crate) invoke: bool,
    pub(crate) shutdown: bool,
}

/// What `/extension/event/next` hands out.
#[derive(Debug, Clone)]
pub(crate) enum ExtensionEvent {
    Invoke(Box<Delivery>),
    Shutdown {
        reason: ShutdownReason,
        deadline_ms: u64,
    },
}

/// One extension: a process of its own, or a thread of the runtime.
#[derive(Debug)]
pub(crate) struct Extension {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) external: bool,
    pub(crate) state: ExtensionState,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) pending: Option<ExtensionEvent>,
    pub(crate) error_type: Option<String>,
    pub(crate) exited: bool,
}

/// A 403 with an `errorType`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) error_type: &'static str,
    pub(crate) message: String,
}

// === impl ExtensionState ===

impl ExtensionState {
    /// As Lambda's error texts and `platform.extension` name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::InitError => "InitError",
            Self::ExitError => "ExitError",
            Self::Exited => "Exited",
            Self::ShutdownFailed => "ShutdownFailed",
            Self::LaunchError => "LaunchError",
        }
    }
}

// === impl Subscriptions ===

impl Subscriptions {
    /// `INVOKE` and `SHUTDOWN` for external extensions, `INVOKE` alone for internal ones. In Managed Instances there is no
    /// `INVOKE`.
    pub(crate) fn parse(events: &[String], external: bool, managed: bool) -> Result<Self, Refused> {
        let mut parsed = Self::default();
        for event in events {
            match event.as_str() {
                "INVOKE" if !managed => parsed.invoke = true,
                "SHUTDOWN" if external => parsed.shutdown = true,
                _ => {
                    return Err(Refused::new(
                        "Extension.InvalidEventType",
                        format!("{event}: ErrInvalidEventType"),
                    ));
                }
            }
        }
        Ok(parsed)
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
        let both = [(self.invoke, "INVOKE"), (self.shutdown, "SHUTDOWN")];
        both.into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
            .collect()
    }
}

// === impl Refused ===

impl Refused {
    pub(crate) fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            error_type,
            message: message.into(),
        }
    }

    fn transition(extension: &Extension, to: ExtensionState) -> Self {
        let (from, to, id) = (extension.state.name(), to.name(), extension.id);
        let message = format!(
            "State transition from {from} to {to} failed for extension {id}. Error: State transition is not allowed"
        );
        Self::new("Extension.InvalidExtensionState", message)
    }

    fn unknown(id: Uuid) -> Self {
        Self::new(
            "Extension.UnknownExtensionIdentifier",
            format!("Unknown extension {id}"),
        )
    }
}

// === impl Extension ===

impl Extension {
    pub(crate) fn new(name: &str, external: bool) -> Self {
        Self {
            id: Uuid::new_v4(),
            name: name.to_owned(),
            external,
            state: ExtensionState::Started,
            subscriptions: Subscriptions::default(),
            pending: None,
            error_type: None,
            exited: false,
        }
    }
}

// === impl Lifecycle ===

impl Lifecycle {
    /// Registers under a name: that of an executable in `/opt/extensions`, else an internal extension.
    pub(crate) fn register(&mut self, name: &str, events: &[String]) -> Result<Uuid, Refused> {
        if let Some(at) = self
            .extensions
            .iter()
            .position(|known| known.external && known.name == name)
        {
            let subscriptions = Subscriptions::parse(events, true, self.concurrent.is_some())?;
            let extension = self
                .extensions
                .get_mut(at)
                .ok_or_else(|| Refused::unknown(Uuid::nil()))?;
            if extension.state != ExtensionState::Started {
                return Err(Refused::transition(extension, ExtensionState::Registered));
            }
            (extension.state, extension.subscriptions) =
                (ExtensionState::Registered, subscriptions);
            return Ok(extension.id);
        }
        let subscriptions = Subscriptions::parse(events, false, self.concurrent.is_some())?;
        if !self.registration_open {
            return Err(Refused::new(
                "Extension.RegistrationClosed",
                "Extension registration closed already",
            ));
        }
        if self.extensions.len() >= MAX_EXTENSIONS {
            let message = format!("Extension limit ({MAX_EXTENSIONS}) reached");
            return Err(Refused::new("Extension.TooManyExtensions", message));
        }
        if self.extensions.iter().any(|known| known.name == name) {
            let message = "Extension with this name already registered";
            return Err(Refused::new("Extension.InvalidExtensionState", message));
        }
        let mut extension = Extension::new(name, false);
        (extension.state, extension.subscriptions) = (ExtensionState::Registered, subscriptions);
        let id = extension.id;
        self.extensions.push(extension);
        Ok(id)
    }

    /// An extension asks for an event.
    pub(crate) fn extension_ready(&mut self, id: Uuid) -> Result<(), Refused> {
        let extension = self.extension(id).ok_or_else(|| Refused::unknown(id))?;
        match extension.state {
            ExtensionState::Registered | ExtensionState::Running => {
                extension.state = ExtensionState::Ready;
                Ok(())
            }
            _ => Err(Refused::transition(extension, ExtensionState::Ready)),
        }
    }

    /// The event for an extension that asked, if there is one.
    pub(crate) fn take_extension_event(&mut self, id: Uuid) -> Option<ExtensionEvent> {
        let extension = self.extension(id)?;
        if extension.state != ExtensionState::Ready {
            return None;
        }
        let event = extension.pending.take()?;
        extension.state = ExtensionState::Running;
        Some(event)
    }

    /// `/extension/init/error` and `/extension/exit/error`: the environment has to go.
    pub(crate) fn extension_error(
        &mut self,
        id: Uuid,
        error_type: &str,
        to: ExtensionState,
    ) -> Result<(), Refused> {
        let extension = self.extension(id).ok_or_else(|| Refused::unknown(id))?;
        let allowed = match to {
            ExtensionState::InitError => {
                matches!(
                    extension.state,
                    ExtensionState::Registered | ExtensionState::InitError
                )
            }
            _ => !matches!(
                extension.state,
                ExtensionState::Started | ExtensionState::InitError
            ),
        };
        if !allowed {
            return Err(Refused::transition(extension, to));
        }
        extension.state = to;
        extension.error_type = Some(error_type.to_owned());
        let (kind, verb) = match to {
            ExtensionState::InitError => ("Extension.InitError", "init"),
            _ => ("Extension.ExitError", "exit"),
        };
        let message = format!(
            "Error: extension {} reported an {verb} error: {error_type}",
            extension.name
        );
        self.fail(Fault::new(kind, message));
        Ok(())
    }
}
