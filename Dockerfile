# One image for a laptop, a university server and a Hugging Face Space: CPU torch, the data inside, port 8501.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends dataset-fashion-mnist \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 lab
USER lab
WORKDIR /home/lab/app

# The runs live in FMNIST_HOME: mount a volume there to keep them. pytorch.org has the CPU build of torch.
ENV FMNIST_HOME=/home/lab/runs \
    PATH=/home/lab/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1

COPY --chown=lab requirements.txt ./
RUN python -m venv /home/lab/venv \
    && pip install --quiet --requirement requirements.txt "psycopg[binary]==3.3.9"

COPY --chown=lab . ./

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
