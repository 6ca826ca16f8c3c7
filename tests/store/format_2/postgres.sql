CREATE TABLE fmnist_lab (
    schema_version INTEGER NOT NULL
);

CREATE TABLE runs (
    id VARCHAR(12) NOT NULL,
    learner TEXT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    status VARCHAR(16) NOT NULL,
    reason TEXT,
    notice TEXT,
    created TIMESTAMP WITH TIME ZONE NOT NULL,
    parent VARCHAR(12),
    parent_step INTEGER,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    seconds FLOAT(53) NOT NULL,
    lease INTEGER NOT NULL,
    test_loss FLOAT(53),
    test_accuracy FLOAT(53),
    end_reason VARCHAR(16),
    best_epoch INTEGER,
    test_confusion BYTEA,
    PRIMARY KEY (id),
    FOREIGN KEY(parent) REFERENCES runs (id) ON DELETE SET NULL
);

CREATE INDEX ix_runs_parent ON runs (parent);

CREATE INDEX runs_by_status ON runs (status);

CREATE INDEX runs_of_learner ON runs (learner, created);

CREATE TABLE sweeps (
    id VARCHAR(12) NOT NULL,
    learner TEXT NOT NULL,
    name TEXT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    varied VARCHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX sweeps_by_status ON sweeps (status);

CREATE INDEX sweeps_of_learner ON sweeps (learner, created);

CREATE TABLE batches (
    run_id VARCHAR(12) NOT NULL,
    first_step INTEGER NOT NULL,
    count INTEGER NOT NULL,
    losses BYTEA NOT NULL,
    PRIMARY KEY (run_id, first_step),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);

CREATE TABLE checkpoints (
    run_id VARCHAR(12) NOT NULL,
    step INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seconds FLOAT(53) NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (run_id),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);

CREATE TABLE curves (
    run_id VARCHAR(12) NOT NULL,
    origin INTEGER NOT NULL,
    width INTEGER NOT NULL,
    sums BYTEA NOT NULL,
    counts BYTEA NOT NULL,
    PRIMARY KEY (run_id),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);

CREATE TABLE epochs (
    run_id VARCHAR(12) NOT NULL,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    train_loss FLOAT(53),
    train_loss_eval FLOAT(53),
    validation_loss FLOAT(53),
    train_accuracy FLOAT(53),
    validation_accuracy FLOAT(53),
    learning_rate FLOAT(53) NOT NULL,
    seconds FLOAT(53) NOT NULL,
    confusion BYTEA,
    PRIMARY KEY (run_id, epoch),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);

CREATE TABLE frames (
    run_id VARCHAR(12) NOT NULL,
    step INTEGER NOT NULL,
    epoch FLOAT(53) NOT NULL,
    outputs BYTEA NOT NULL,
    PRIMARY KEY (run_id, step),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);

CREATE TABLE members (
    sweep_id VARCHAR(12) NOT NULL,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    stage VARCHAR(16) NOT NULL,
    run_id VARCHAR(12),
    PRIMARY KEY (sweep_id, place),
    FOREIGN KEY(sweep_id) REFERENCES sweeps (id) ON DELETE CASCADE,
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE SET NULL
);

CREATE INDEX ix_members_run_id ON members (run_id);

CREATE TABLE frame_states (
    run_id VARCHAR(12) NOT NULL,
    step INTEGER NOT NULL,
    size INTEGER NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (run_id, step),
    FOREIGN KEY(run_id, step) REFERENCES frames (run_id, step) ON DELETE CASCADE
);
